using System.Diagnostics;

namespace TcpAo.Cli.Lab.Bgp;

/// <summary>GoBGP.</summary>
internal sealed class GoBgpDaemon(DaemonFiles files, BgpEnd end) : BgpDaemon(files, end)
{
    private bool _hasAnnounced;

    public override bool HasRoute(string prefix) => Ask("global", "rib").Contains(prefix, StringComparison.Ordinal);

    protected override bool ReadIsUp()
    {
        if (!Ask("neighbor").Contains("Establ", StringComparison.Ordinal))
        {
            return false;
        }

        if (!_hasAnnounced)
        {
            _hasAnnounced = true;
            Ask("global", "rib", "add", End.Route);
        }

        return true;
    }

    protected override string Configuration() => $"""
        [global.config]
          as = {End.As}
          router-id = "{End.Host.V4}"
        [[neighbors]]
          [neighbors.config]
            neighbor-address = "{End.Peer.V4}"
            peer-as = {End.PeerAs}
          [neighbors.timers.config]
            hold-time = 3
            keepalive-interval = 1
            connect-retry = 1
            idle-hold-time-after-reset = 1

        """;

    protected override ProcessStartInfo StartInfo() => Files.Start("gobgpd", "-t", "toml", "-f", ConfigurationPath, "--log-plain", "--pprof-disable");

    private string Ask(params string[] words)
    {
        using Process process = End.Host.Start(Files.Start("gobgp", words));
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return answer;
    }
}
