using System.Globalization;

namespace TcpAo.Interop.Tests.Support;

/// <summary>A guest that runs a test program of this repository from this host's files, read only, on its own kernel.</summary>
internal sealed class HostFilesGuest : IDisposable
{
    private const string Variable = "TCPAO_TEST_PEER";
    private const string Mebibytes = "1500";

    // a processor of its own, with no other hardware: programs take half a minute to start when this machine is busy
    private const int Milliseconds = 900_000;

    /// <summary>hostfs(5) is user-mode Linux's; what is written goes to memory.</summary>
    private const string Job = """
        root=/tmp/host
        mkdir $root
        if ! mount -r -t hostfs -o / none $root; then
            echo "@no files"
            exit
        fi

        mount -t proc proc $root/proc
        mount -t sysfs sys $root/sys
        mount -o bind /dev $root/dev
        mount -t tmpfs tmp $root/tmp
        mount -t tmpfs run $root/run
        mkdir $root/run/netns
        cp /share/run.sh $root/tmp/
        chroot $root /bin/sh /tmp/run.sh
        echo "@ended $?"

        """;

    private readonly Programs _programs = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("tcpao-guest-").FullName;

    /// <summary>Why it cannot be tried; empty where it can.</summary>
    public static string Missing => Peer.Length == 0 ? $"{Variable} does not name the folder of a Linux kernel with TCP-AO (run-uml.sh)"
        : !Environment.IsPrivilegedProcess ? "a guest needs root"
        : "";

    private static string Peer => Environment.GetEnvironmentVariable(Variable) ?? "";

    /// <summary>Runs one program.</summary>
    /// <param name="path">The program's path on this host.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code and what it wrote; the code is null where the guest cannot see this host's files.</returns>
    public (int? ExitCode, string Output) Run(string path, params string[] arguments)
    {
        string share = Directory.CreateDirectory(Path.Combine(_folder, "share")).FullName;
        string words = string.Join(' ', arguments.Select(argument => $"'{argument}'"));
        File.WriteAllText(Path.Combine(share, "job.sh"), Job);
        File.WriteAllText(Path.Combine(share, "run.sh"), $"""
            export PATH='{Environment.GetEnvironmentVariable("PATH")}' HOME=/tmp TERM=dumb DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
            export TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0
            cp -r '{Path.GetDirectoryName(path)}' /tmp/program
            cd /tmp/program
            dotnet '{Path.GetFileName(path)}' {words}

            """);
        var lines = new Lines("the guest", Milliseconds);
        _programs.Start(
            lines,
            Path.Combine(Peer, "run-uml.sh"),
            ["-n", "-s", share, "-j", "job.sh", "-m", Mebibytes],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = _folder });
        string end = lines.WaitFor("@");
        return end is "@no files" ? (null, "") : (int.Parse(end["@ended ".Length..], CultureInfo.InvariantCulture), lines.ToString());
    }

    public void Dispose()
    {
        _programs.AtEnd($"rm -rf {_folder}");
        _programs.Dispose();
    }
}
