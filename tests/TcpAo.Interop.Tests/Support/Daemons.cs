using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>Routing daemons of Debian in folders to chroot into, as eng/fetch-daemons.sh makes them.</summary>
internal static class Daemons
{
    private const string Variable = "TCPAO_TEST_DAEMONS";

    /// <summary>The mounts are seen by the program alone: <c>ip netns exec</c> gives it a mount namespace of its own.</summary>
    private const string Enter = """
        set -e
        root=$1
        mount --bind /dev "$root/dev"
        mount --bind "$2" "$root/mnt"
        mount -t tmpfs run "$root/run"
        mkdir "$root/run/frr"
        shift 2
        exec chroot "$root" "$@"
        """;

    private static string Folder => Environment.GetEnvironmentVariable(Variable) ?? "";

    /// <summary>BIRD 2.17 or later, which has TCP-AO.</summary>
    public static string Trixie => Path.Combine(Folder, "trixie");

    /// <summary>FRR and StayRTR, which have not.</summary>
    public static string Bookworm => Path.Combine(Folder, "bookworm");

    public static void SkipUnlessThere()
    {
        Assert.SkipUnless(Folder.Length > 0, $"{Variable} does not name the folder that eng/fetch-daemons.sh has made");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "namespaces and NFQUEUE need root");
    }

    /// <summary>Arguments of <c>ip</c> that run a program of Debian 12 in a network namespace.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="folder">What the program sees as /mnt.</param>
    /// <param name="command">The program and its arguments.</param>
    public static string[] Command(string space, string folder, params string[] command) => ["netns", "exec", space, .. Entering(Bookworm, folder, command)];

    /// <summary>The words of a program that enters one of the folders, in a mount namespace of its own, and becomes another there.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="folder">What the program sees as /mnt.</param>
    /// <param name="command">The program and its arguments.</param>
    public static string[] Entering(string root, string folder, params string[] command) => ["sh", "-c", Enter, "sh", root, folder, .. command];
}
