using System.Net;
using TcpAo.Capture;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>
/// FRR under <c>tcpao run</c> at one end of a wire, BIRD on a Linux kernel with TCP-AO at the other, and a capture of the wire. Each has a route for the other.
/// </summary>
internal sealed class BgpLab : IDisposable
{
    public const string Secret = "0123456789abcdefg";
    public const string OtherSecret = "another secret";
    public const string Protocol = "frr";

    private const int Bgp = 179;
    private const string Variable = "TCPAO_TEST_PEER";

    private readonly bool _isIPv6;
    private readonly bool _isSigned = true;
    private readonly Programs _programs = new();
    private NetworkNamespace? _space;
    private WireCapture? _wire;
    private Guest? _guest;
    private AoCounters? _before;
    private readonly string _folder = Directory.CreateTempSubdirectory("tcpao-bgp-").FullName;

    /// <param name="isIPv6">Family of the session and of the routes.</param>
    /// <param name="ours">Keys of our configuration, one a line.</param>
    /// <param name="theirs">Keys of BIRD.</param>
    /// <param name="isSigned">Whether BIRD uses them.</param>
    public BgpLab(bool isIPv6, string ours, string theirs, bool isSigned = true)
    {
        _isIPv6 = isIPv6;
        _isSigned = isSigned;
        (Run, Bird, Frr) = Start(() => Ours(ours), () => Theirs(theirs), FrrConfiguration);
    }

    /// <summary>A lab with configurations of its own, IPv4.</summary>
    /// <param name="prepare">Makes files in the folder that <c>tcpao run</c>'s configuration will be in.</param>
    /// <param name="ours">That of <c>tcpao run</c>.</param>
    /// <param name="theirs">bird.conf.</param>
    /// <param name="frr">bgpd.conf.</param>
    /// <param name="included">What bird.conf includes.</param>
    public BgpLab(Action<string> prepare, string ours, string theirs, string frr, string included = "")
    {
        prepare(_folder);
        (Run, Bird, Frr) = Start(() => ours, () => theirs, () => frr, included);
    }

    public Protection Run { get; }

    public Bird Bird { get; }

    public Frr Frr { get; }

    /// <summary>What the peer has counted.</summary>
    public AoCounters Counted => _guest!.ReadCounters().Since(_before!);

    /// <summary>Has the peer's counters begin anew: what came before its BIRD had given its listener keys counts no more.</summary>
    public void CountFromNow() => _before = _guest!.ReadCounters();

    public FrrNeighbor Neighbor => Frr.Neighbor(GuestAddress);

    public string RouteOfFrr => _isIPv6 ? "2001:db8:f::/48" : "198.51.100.0/24";

    public string SecondRouteOfFrr => _isIPv6 ? "2001:db8:f1::/48" : "198.51.101.0/24";

    public string RouteOfBird => _isIPv6 ? "2001:db8:b::/48" : "203.0.113.0/24";

    private static string Peer => Environment.GetEnvironmentVariable(Variable) ?? "";

    private string Family => _isIPv6 ? "ipv6" : "ipv4";

    /// <summary>Else BIRD sends its link-local address as a next hop too, and FRR withdraws the route: without zebra it does not know the interface.</summary>
    private string Multihop => _isIPv6 ? "multihop 2;" : "";

    private string HostAddress => Address(Guest.Host4, Guest.Host6);

    private string GuestAddress => Address(Guest.Guest4, Guest.Guest6);

    public static void SkipUnlessThere()
    {
        Assert.SkipUnless(Peer.Length > 0, $"{Variable} does not name the folder of a Linux kernel with TCP-AO (run-uml.sh)");
        Daemons.SkipUnlessThere();
    }

    /// <summary>Our configuration with other keys.</summary>
    public string Ours(string keys) =>
        $$"""
        key-chains:
          - name: core
            keys:
              {{keys}}
        peers:
          - { name: bird, remote: "{{GuestAddress}}", port: 179, key-chain: core }

        """;

    /// <summary>BIRD's with other keys.</summary>
    public string Theirs(string keys) =>
        $$"""
        log stderr all;
        router id 192.0.2.2;
        protocol device {}
        protocol static { {{Family}}; route {{RouteOfBird}} blackhole; }
        protocol bgp {{Protocol}} {
            local {{GuestAddress}} as 65002;
            neighbor {{HostAddress}} as 65001;
            hold time 30; keepalive time 1;
            {{Multihop}}
            connect delay time 1; connect retry time 2; error wait time 1, 2;
            {{(_isSigned ? $"authentication ao; keys {{ {keys} }};" : "")}}
            {{Family}} { import all; export all; };
        }

        """;

    public void WaitUntilUp()
    {
        Until.True(() => Neighbor.IsUp && Bird.Protocol(Protocol).IsUp, () => $"the session is up: {Neighbor}, {Bird.Protocol(Protocol)}");
    }

    public void WaitUntilBirdHas(string route) => Bird.WaitUntilItHas(route);

    public void WaitUntilBirdSignsWith(int id) => Bird.WaitUntilItSignsWith(id, Protocol);

    public void WaitUntilFrrHas(string route) =>
        Until.True(() => Frr.Vtysh($"show bgp {Family} unicast").Contains($"*> {route}", StringComparison.Ordinal), () => $"FRR has {route}, but:\n{Frr.Vtysh($"show bgp {Family} unicast")}\n{Frr.Log}");

    public void Announce(string route) => Frr.Vtysh("configure terminal", "router bgp 65001", $"address-family {Family} unicast", $"network {route}");

    /// <summary>What the verifier says of each segment so far.</summary>
    public IReadOnlyList<SegmentReport> Wire => _wire!.Verify(Run.ConfigurationPath, Bgp, 0);

    /// <summary>Every segment so far is signed and right under a configuration; and the peer has not found any that it has no key for.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="mayBeMiscounted">The peer calls a right segment bad now and then (docs/deviations.md): it may once, and once more in so many segments.</param>
    public IReadOnlyList<SegmentReport> AssertWireValid(string configuration, int mayBeMiscounted = int.MaxValue)
    {
        string path = Path.Combine(_folder, "all-keys.yaml");
        Protection.Write(path, configuration);
        IReadOnlyList<SegmentReport> reports = _wire!.AssertValid(path, Bgp, 0);

        AoCounters counted = Counted;
        Assert.True(counted is { Good: > 0, KeyNotFound: 0, Required: 0 } && counted.Bad <= 1 + (counted.Good / mayBeMiscounted), counted.ToString());
        return reports;
    }

    /// <summary>Whether a segment is one of ours.</summary>
    public bool IsOurs(SegmentReport report) => string.Equals(report.Source?.Address.ToString(), HostAddress, StringComparison.Ordinal);

    public void Dispose()
    {
        _wire?.Dispose();
        _space?.Dispose();
        _programs.Dispose();
    }

    private (Protection Run, Bird Bird, Frr Frr) Start(Func<string> ours, Func<string> theirs, Func<string> frr, string included = "")
    {
        try
        {
            string name = $"tcpao-bgp-{Environment.ProcessId}";
            string share = Directory.CreateDirectory(Path.Combine(_folder, "share")).FullName;
            _programs.AtEnd($"rm -rf {_folder}");
            _programs.AtEnd($"ip netns del {name}");
            GuestBird.Place(share, included);
            _guest = new Guest(_programs, Peer, _folder, name);
            _space = NetworkNamespace.Named(name);
            _wire = new WireCapture(_space);
            Protection run = new(_programs, name, _folder, ours());
            _before = _guest.ReadCounters();
            return (run, new GuestBird(_guest, theirs()), new Frr(_programs, name, _folder, frr()));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private string Address(IPAddress v4, IPAddress v6) => (_isIPv6 ? v6 : v4).ToString();

    private string FrrConfiguration() =>
        $"""
        debug bgp updates
        router bgp 65001
         bgp router-id 192.0.2.1
         no bgp ebgp-requires-policy
         no bgp default ipv4-unicast
         neighbor {GuestAddress} remote-as 65002
         neighbor {GuestAddress} timers 1 30
         neighbor {GuestAddress} timers connect 1
         neighbor {GuestAddress} advertisement-interval 0
         address-family {Family} unicast
          neighbor {GuestAddress} activate
          network {RouteOfFrr}
         exit-address-family

        """;
}
