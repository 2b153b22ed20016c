using System.Diagnostics;

namespace TcpAo.Cli.Lab.Bgp;

/// <summary>BIRD.</summary>
internal sealed class BirdDaemon(DaemonFiles files, BgpEnd end) : BgpDaemon(files, end)
{
    private string ControlPath => Path.Combine(End.Folder, "ctl");

    public override bool HasRoute(string prefix) => Ask("show", "route").Contains(prefix, StringComparison.Ordinal);

    protected override bool ReadIsUp() => Ask("show", "protocols", "session").Contains("Established", StringComparison.Ordinal);

    protected override string Configuration() => $$"""
        router id {{End.Host.V4}};
        protocol device { }
        protocol static { ipv4; route {{End.Route}} blackhole; }
        protocol bgp session {
          local {{End.Host.V4}} as {{End.As}};
          neighbor {{End.Peer.V4}} as {{End.PeerAs}};
          hold time 3;
          connect retry time 1;
          connect delay time 1;
          error wait time 1, 2;
          ipv4 { import all; export all; };
        }
        """;

    protected override ProcessStartInfo StartInfo() => Files.Start("bird", "-f", "-c", ConfigurationPath, "-s", ControlPath, "-P", Path.Combine(End.Folder, "pid"));

    private string Ask(params string[] words)
    {
        using Process process = End.Host.Start(Files.Start("birdc", ["-s", ControlPath, .. words]));
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return answer;
    }
}
