using System.Net;
using TcpAo.Capture;
using TcpAo.Linux.Namespaces;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>StayRTR in one namespace, FRR with its RTR client in another, a wire between them, and <c>tcpao run</c> at both ends.</summary>
internal sealed class RtrLab : IDisposable
{
    public const string Secret = "0123456789abcdefg";
    public const string OtherSecret = "another secret";

    private const int Port = 8282;
    private const string Link = "wire";

    private readonly bool _isIPv6;
    private readonly Programs _programs = new();
    private readonly NetworkNamespace? _space;
    private readonly WireCapture? _wire;
    private readonly Frr? _frr;
    private readonly string _folder = Directory.CreateTempSubdirectory("tcpao-rtr-").FullName;

    /// <param name="isIPv6">Family of the session.</param>
    /// <param name="secretOfCache">StayRTR's secret.</param>
    /// <param name="secretOfRouter">FRR's.</param>
    public RtrLab(bool isIPv6, string secretOfCache, string secretOfRouter)
    {
        _isIPv6 = isIPv6;
        try
        {
            string cache = $"tcpao-rtrc-{Environment.ProcessId}";
            string router = $"tcpao-rtrr-{Environment.ProcessId}";
            _programs.AtEnd($"rm -rf {_folder}");
            AddSpaces(cache, router);
            _space = NetworkNamespace.Named(router);
            _wire = new WireCapture(_space);
            Cache = new Protection(_programs, cache, _folder, Configuration(AddressOfRouter, "local-port", 2, 1, secretOfCache));
            Router = new Protection(_programs, router, _folder, Configuration(AddressOfCache, "remote-port", 1, 2, secretOfRouter));
            StartCache(cache);
            _frr = new Frr(_programs, router, _folder, RtrCache.RouterConfiguration(AddressOfCache, Port), "-M", "rpki");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The end with StayRTR.</summary>
    public Protection Cache { get; } = null!;

    /// <summary>The end with FRR.</summary>
    public Protection Router { get; } = null!;

    private IPAddress AddressOfCache => _isIPv6 ? Guest.Host6 : Guest.Host4;

    private IPAddress AddressOfRouter => _isIPv6 ? Guest.Guest6 : Guest.Guest4;

    public string Roas() => _frr!.Vtysh("show rpki prefix-table");

    public void WaitUntilRouterHasRoa() => RtrCache.WaitUntilIn(_frr!);

    public void AssertWireValid()
    {
        IReadOnlyList<SegmentReport> reports = _wire!.AssertValid(Router.ConfigurationPath, Port, 0);
        Assert.Contains(reports, IsFromCache);
    }

    /// <summary>Waits until the router has sent so many SYNs.</summary>
    public void WaitForSyns(int count) => Until.True(() => Wire().Count(report => report.Flags == TcpFlags.Syn && report.Verdict == SegmentVerdict.Valid) >= count, () => $"{count} SYNs were sent");

    public void AssertNothingCameBack() => Assert.DoesNotContain(Wire(), IsFromCache);

    public void Dispose()
    {
        _wire?.Dispose();
        _space?.Dispose();
        _programs.Dispose();
    }

    private static string Configuration(IPAddress remote, string port, int sendId, int recvId, string secret) =>
        $$"""
        key-chains:
          - name: rtr
            keys:
              - { id: 1, send-id: {{sendId}}, recv-id: {{recvId}}, algorithm: aes-128-cmac-96, secret: "{{secret}}" }
        peers:
          - { name: rtr, remote: "{{remote}}", {{port}}: {{Port}}, key-chain: rtr }

        """;

    private IReadOnlyList<SegmentReport> Wire() => _wire!.Verify(Router.ConfigurationPath, Port, 0);

    private bool IsFromCache(SegmentReport report) => string.Equals(report.Source?.Address.ToString(), AddressOfCache.ToString(), StringComparison.Ordinal);

    private void AddSpaces(string cache, string router)
    {
        foreach (string space in (string[])[cache, router])
        {
            _programs.AtEnd($"ip netns del {space}");
            Programs.Run("ip", "netns", "add", space);
        }

        Programs.Run("ip", "-n", cache, "link", "add", Link, "type", "veth", "peer", "name", Link, "netns", router);
        foreach ((string space, IPAddress v4, IPAddress v6) in ((string, IPAddress, IPAddress)[])[(cache, Guest.Host4, Guest.Host6), (router, Guest.Guest4, Guest.Guest6)])
        {
            Programs.Run("ip", "-n", space, "link", "set", "lo", "up");
            Programs.Run("ip", "-n", space, "link", "set", Link, "up");
            Programs.Run("ip", "-n", space, "addr", "add", $"{v4}/24", "dev", Link);
            Programs.Run("ip", "-n", space, "addr", "add", $"{v6}/64", "dev", Link, "nodad");
        }
    }

    private void StartCache(string space)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "stayrtr")).FullName;
        RtrCache.Write(folder);
        Lines log = new("stayrtr");
        _programs.Start(log, "ip", Daemons.Command(space, folder, ["/usr/bin/stayrtr", .. RtrCache.Arguments(AddressOfCache, Port, "/mnt")]));
        log.WaitFor(RtrCache.Started);
    }
}
