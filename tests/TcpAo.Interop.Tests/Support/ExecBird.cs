using System.Diagnostics;

namespace TcpAo.Interop.Tests.Support;

/// <summary>BIRD under <c>tcpao exec</c> in a network namespace of this host. It is reached over a shell, mount and chroot: what those call is supervised too.</summary>
internal sealed class ExecBird : Bird
{
    private const string Control = "/mnt/bird.ctl";
    private const string Configuration = "bird.conf";

    private readonly string _space;
    private readonly string _folder;

    /// <param name="programs">Ends it.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="folder">A folder for its files.</param>
    /// <param name="configuration">bird.conf.</param>
    public ExecBird(Programs programs, string space, string folder, string configuration)
    {
        _space = space;
        _folder = Directory.CreateDirectory(Path.Combine(folder, "bird")).FullName;
        WriteConfiguration(configuration);
        string[] bird = Daemons.Entering(Daemons.Trixie, _folder, "/usr/sbin/bird", "-d", "-c", $"/mnt/{Configuration}", "-s", Control);
        programs.Start(Log, "ip", ["netns", "exec", space, "dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "exec", "--log", "-", "--", .. bird]);
        Until.True(() => File.Exists(Path.Combine(_folder, "bird.ctl")), () => $"BIRD takes commands, but:\n{Log}");
    }

    /// <summary>What BIRD and <c>tcpao exec</c> tell.</summary>
    public Lines Log { get; } = new("tcpao exec -- bird");

    public override string Command(string command)
    {
        string[] words = ["netns", "exec", _space, .. Daemons.Entering(Daemons.Trixie, _folder, ["/usr/sbin/birdcl", "-s", Control, .. command.Split(' ')])];
        ProcessStartInfo start = new("ip", words) { UseShellExecute = false, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text.Replace('\n', '|');
    }

    protected override void WriteConfiguration(string configuration) => Protection.Write(Path.Combine(_folder, Configuration), configuration);
}
