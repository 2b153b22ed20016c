using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>Which packets the rules queue: those of the peers, whatever form they come in, and no others (design section 3).</summary>
public sealed class MatchTests : IDisposable
{
    // the local port of what ends a test: always protected, always sent last
    private const int LastPort = 65000;

    private static readonly IPAddress s_a4 = TwoHosts.A4;
    private static readonly IPAddress s_b4 = TwoHosts.B4;
    private static readonly IPAddress s_a6 = TwoHosts.A6;
    private static readonly IPAddress s_b6 = TwoHosts.B6;
    private static readonly IPAddress s_stranger4 = IPAddress.Parse("10.59.25.77");
    private static readonly IPAddress s_stranger6 = IPAddress.Parse("fd59:25::77");

    private readonly TwoHosts _hosts = new();
    private readonly PacketForge _forge;
    private readonly ConcurrentQueue<byte[]> _queued = new();

    public MatchTests()
    {
        _forge = new PacketForge(_hosts.A);

        // the neighbours are known from here on, so that packets arrive in order
        foreach (IPAddress address in (IPAddress[])[s_b4, s_b6])
        {
            using Socket to = _hosts.B.Udp(address, 9);
            using Socket from = _hosts.A.Udp(address.AddressFamily == AddressFamily.InterNetwork ? s_a4 : s_a6, 9);
            from.SendTo("udp"u8, new IPEndPoint(address, 9));
            Assert.Equal(3, to.Receive(new byte[3]));
        }
    }

    public void Dispose()
    {
        _forge.Dispose();
        _hosts.Dispose();
    }

    [Fact]
    public void Port_AtEitherEnd_IsQueued() => Check(
        [.. Rules.Session("10.59.25.1"), .. Rules.Session("fd59:25::1")],
        (true, PacketForge.Tcp(s_a4, s_b4, 179, 40000)),
        (true, PacketForge.Tcp(s_a4, s_b4, 40000, 179)),
        (false, PacketForge.Tcp(s_a4, s_b4, 40000, 40001)),
        (false, PacketForge.Tcp(s_stranger4, s_b4, 40000, 179)),
        (false, PacketForge.Udp(s_a4, s_b4, 179, 179)),
        (true, PacketForge.Tcp(s_a6, s_b6, 179, 40000)),
        (true, PacketForge.Tcp(s_a6, s_b6, 40000, 179)),
        (false, PacketForge.Tcp(s_a6, s_b6, 40000, 40001)),
        (false, PacketForge.Tcp(s_stranger6, s_b6, 40000, 179)),
        (false, PacketForge.Udp(s_a6, s_b6, 179, 179)));

    [Fact]
    public void Prefixes_OfAnyLength_CoverTheirAddresses() => Check(
        [Rules.Peer("10.59.25.64/26"), Rules.Peer("10.59.26.0/23", localPort: "179"), Rules.Peer("fd59:25:0:0:0:0:0:70/124"), Rules.Peer("2001:db8::/33", remotePort: "179")],
        (true, PacketForge.Tcp(IPAddress.Parse("10.59.25.65"), s_b4, 1, 2)),
        (true, PacketForge.Tcp(IPAddress.Parse("10.59.25.127"), s_b4, 1, 2)),
        (false, PacketForge.Tcp(IPAddress.Parse("10.59.25.128"), s_b4, 1, 2)),
        (false, PacketForge.Tcp(IPAddress.Parse("10.59.25.63"), s_b4, 1, 2)),
        (true, PacketForge.Tcp(IPAddress.Parse("10.59.27.9"), s_b4, 1, 179)),
        (false, PacketForge.Tcp(IPAddress.Parse("10.59.27.9"), s_b4, 179, 1)),
        (false, PacketForge.Tcp(IPAddress.Parse("10.59.28.1"), s_b4, 1, 179)),
        (true, PacketForge.Tcp(IPAddress.Parse("fd59:25::7f"), s_b6, 1, 2)),
        (false, PacketForge.Tcp(IPAddress.Parse("fd59:25::80"), s_b6, 1, 2)),
        (true, PacketForge.Tcp(IPAddress.Parse("2001:db8:7fff::1"), s_b6, 179, 2)),
        (false, PacketForge.Tcp(IPAddress.Parse("2001:db8:8000::1"), s_b6, 179, 2)));

    [Fact]
    public void Ports_RangesAndMasks_MatchTheirEnd() => Check(
        [
            Rules.Peer("10.59.25.1", remotePort: "179-181"), Rules.Peer("10.59.25.1", localPort: "0x1000/0xf000"), Rules.Peer("10.59.25.1", localPort: "0x0101/0x0f0f"),
            Rules.Peer("fd59:25::1", remotePort: "1-65534", localPort: "700"),
        ],
        (true, PacketForge.Tcp(s_a4, s_b4, 179, 9)),
        (true, PacketForge.Tcp(s_a4, s_b4, 181, 9)),
        (false, PacketForge.Tcp(s_a4, s_b4, 182, 9)),
        (false, PacketForge.Tcp(s_a4, s_b4, 178, 9)),
        (true, PacketForge.Tcp(s_a4, s_b4, 9, 0x1FFF)),
        (false, PacketForge.Tcp(s_a4, s_b4, 9, 0x2000)),
        (true, PacketForge.Tcp(s_a4, s_b4, 9, 0xA1B1)),
        (false, PacketForge.Tcp(s_a4, s_b4, 9, 0xA1B2)),
        (true, PacketForge.Tcp(s_a6, s_b6, 65534, 700)),
        (false, PacketForge.Tcp(s_a6, s_b6, 65535, 700)),
        (false, PacketForge.Tcp(s_a6, s_b6, 9, 701)));

    [Fact]
    public void LocalAddressAndInterface_Given_MustAgree() => Check(
        [
            Rules.Peer("10.59.25.1", local: "10.59.25.2", localPort: "1"), Rules.Peer("10.59.25.1", local: "10.59.25.3", localPort: "2"),
            Rules.Peer("10.59.25.1", localPort: "3", link: TwoHosts.Wire), Rules.Peer("10.59.25.1", localPort: "4", link: "wire2"),
            Rules.Peer("fd59:25::/64", local: "fd59:25::/64", localPort: "5", link: TwoHosts.Wire),
        ],
        (true, PacketForge.Tcp(s_a4, s_b4, 9, 1)),
        (false, PacketForge.Tcp(s_a4, s_b4, 9, 2)),
        (true, PacketForge.Tcp(s_a4, s_b4, 9, 3)),
        (false, PacketForge.Tcp(s_a4, s_b4, 9, 4)),
        (true, PacketForge.Tcp(s_a6, s_b6, 9, 5)));

    [Fact]
    public void Everything_Any_IsQueuedButTransit()
    {
        byte[] transit = PacketForge.Tcp(s_a4, IPAddress.Parse("198.51.100.1"), 9, 9);
        _hosts.A.Space.Run(() => Namespaces.RouteSocketUse.AddRoute("198.51.100.0", 24, $"{s_b4}"));
        Check(
            [Rules.Peer("any")],
            (true, PacketForge.Tcp(s_a4, s_b4, 9, 9)),
            (true, PacketForge.Tcp(s_a6, s_b6, 9, 9)),
            (false, transit),
            (false, PacketForge.Udp(s_a4, s_b4, 9, 9)));
    }

    [Fact]
    public void ExtensionHeaders_BeforeTcp_DoNotHideIt()
    {
        byte[] tcp = PacketForge.TcpHeader(9, 179);
        byte[] options = [60, 0, 1, 4, 0, 0, 0, 0];
        byte[] lastOptions = [6, 0, 1, 4, 0, 0, 0, 0];
        byte[] routing = [6, 0, 4, 0, 0, 0, 0, 0];
        byte[] atomicFragment = [6, 0, 0, 0, 0, 0, 0, 1];
        Check(
            Rules.Session("fd59:25::1"),
            (true, PacketForge.Ip(s_a6, s_b6, 60, [.. lastOptions, .. tcp])),
            (true, PacketForge.Ip(s_a6, s_b6, 0, [.. options, .. lastOptions, .. tcp])),
            (true, PacketForge.Ip(s_a6, s_b6, 43, [.. routing, .. tcp])),
            (true, PacketForge.Ip(s_a6, s_b6, 44, [.. atomicFragment, .. tcp])),
            (false, PacketForge.Ip(s_stranger6, s_b6, 60, [.. lastOptions, .. tcp])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fragments_OfASegment_ArriveWhole(bool isIPv6)
    {
        byte[] packet = isIPv6 ? PacketForge.Tcp(s_a6, s_b6, 9, 179, new byte[300]) : PacketForge.Tcp(s_a4, s_b4, 9, 179, new byte[300]);
        using NftRuleset rules = Install(Rules.Session(isIPv6 ? "fd59:25::1" : "10.59.25.1"));
        Assert.SkipWhen(rules.Support.Defragmentation == DefragmentationSource.None, "the kernel puts no fragments together for nf_tables");
        using QueueLoop loop = Collect();

        // IPv4: the first has the ports and nothing more. IPv6: without the whole TCP header it would be thrown away (RFC 8200 section 4.5).
        byte[][] fragments = PacketForge.Fragments(packet, isIPv6 ? 24 : 8);
        foreach (byte[] fragment in fragments.Reverse())
        {
            _forge.Send(fragment);
        }

        Wait.Until(() => !_queued.IsEmpty, "the segment was queued");
        Assert.True(_queued.TryDequeue(out byte[]? whole));
        Assert.Equal(packet.Length, whole.Length);
        Assert.Equal(packet[^320..], whole[^320..]);
        Assert.Empty(_queued);
    }

    [Fact]
    public void IcmpErrors_QuotingProtectedTcp_AreQueuedFromAnySource()
    {
        byte[] ours = PacketForge.Tcp(s_b4, s_a4, 179, 40000)[..28];
        byte[] others = PacketForge.Tcp(s_b4, s_a4, 180, 40000)[..28];
        byte[] withOptions = [0x46, .. ours[1..20], 1, 1, 1, 1, .. ours[20..]];
        byte[] oldVersion = [0x05, .. ours[1..]];
        byte[] toStranger = PacketForge.Tcp(s_b4, s_stranger4, 179, 40000)[..28];
        byte[] udp = PacketForge.Udp(s_b4, s_a4, 179, 40000);
        Check(
            Rules.Session("10.59.25.1"),
            (true, PacketForge.Icmp(s_a4, s_b4, 3, 3, ours)),
            (true, PacketForge.Icmp(s_stranger4, s_b4, 3, 4, ours)),
            (false, PacketForge.Icmp(s_stranger4, s_b4, 11, 0, ours)),
            (false, PacketForge.Icmp(s_stranger4, s_b4, 3, 4, others)),
            (false, PacketForge.Icmp(s_stranger4, s_b4, 3, 4, toStranger)),
            (false, PacketForge.Icmp(s_stranger4, s_b4, 3, 4, udp)),
            (true, PacketForge.Icmp(s_stranger4, s_b4, 3, 4, withOptions)),
            (true, PacketForge.Icmp(s_stranger4, s_b4, 3, 4, oldVersion)));
    }

    [Fact]
    public void Icmpv6Errors_QuotingProtectedTcp_AreQueuedFromAnySource()
    {
        byte[] ours = PacketForge.Tcp(s_b6, s_a6, 179, 40000);
        byte[] others = PacketForge.Tcp(s_b6, s_a6, 180, 40000);
        byte[] withExtension = PacketForge.Ip(s_b6, s_a6, 60, [6, 0, 1, 4, 0, 0, 0, 0, .. PacketForge.TcpHeader(180, 40000)]);
        Check(
            Rules.Session("fd59:25::1"),
            (true, PacketForge.Icmp(s_a6, s_b6, 1, 4, ours)),
            (true, PacketForge.Icmp(s_stranger6, s_b6, 2, 0, ours)),
            (false, PacketForge.Icmp(s_stranger6, s_b6, 3, 0, ours)),
            (false, PacketForge.Icmp(s_stranger6, s_b6, 1, 4, others)),
            (false, PacketForge.Icmp(s_stranger6, s_b6, 1, 4, PacketForge.Udp(s_b6, s_a6, 179, 40000))),
            (true, PacketForge.Icmp(s_stranger6, s_b6, 1, 4, withExtension)));
    }

    private NftRuleset Install(ProtectedTraffic[] traffic) =>
        Rules.Install(_hosts.B, [.. traffic, Rules.Peer($"{s_a4}", localPort: $"{LastPort}")]);

    private QueueLoop Collect() => new(_hosts.B, Rules.Queue, packet => _queued.Enqueue(packet.Payload.ToArray()));

    /// <summary>Sends packets to B, whose rules are for the traffic, and compares what was queued.</summary>
    private void Check(ProtectedTraffic[] traffic, params (bool IsQueued, byte[] Packet)[] packets)
    {
        using NftRuleset rules = Install(traffic);
        using QueueLoop loop = Collect();
        List<byte[]> expected = [];
        foreach ((bool isQueued, byte[] packet) in packets)
        {
            _forge.Send(packet);
            if (isQueued)
            {
                expected.Add(packet);
            }
        }

        byte[] last = PacketForge.Tcp(s_a4, s_b4, LastPort, LastPort);
        _forge.Send(last);
        Wait.Until(() => _queued.Count > expected.Count || _queued.Any(packet => string.Equals(Describe(packet), Describe(last), StringComparison.Ordinal)), "the last packet was queued");
        Assert.Equal([.. expected.Select(Describe), Describe(last)], _queued.Select(Describe));
    }

    /// <summary>The packet without what the kernel fills in: IPv4 identification and checksum, and the atomic fragment header that nf_defrag takes off.</summary>
    private static string Describe(byte[] packet)
    {
        byte[] copy = [.. packet];
        if (copy[0] >> 4 == 4)
        {
            copy.AsSpan(4, 2).Clear();
            copy.AsSpan(10, 2).Clear();
        }
        else if (copy[6] == 44)
        {
            copy = [.. copy[..40], .. copy[48..]];
            copy[6] = packet[40];
            copy[5] -= 8;
        }

        return Convert.ToHexString(copy);
    }
}
