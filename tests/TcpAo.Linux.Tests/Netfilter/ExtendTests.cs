using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>Tables of other names, elements that come later, and ports where only signed segments are queued.</summary>
public sealed class ExtendTests : IDisposable
{
    private const string Name = "tcpao-test-59";
    private const ushort Port = 179;

    private readonly TwoHosts _hosts = new();
    private readonly PacketForge _forge;
    private readonly ConcurrentQueue<ushort> _queued = new();

    public ExtendTests()
    {
        _forge = new PacketForge(_hosts.A);
    }

    public void Dispose()
    {
        _forge.Dispose();
        _hosts.Dispose();
    }

    [Fact]
    public void Tables_OfSeveralNames_StandBesideEachOther()
    {
        using NftRuleset own = Rules.Install(_hosts.B, Rules.Peer("10.59.25.1"));
        using NftRuleset one = Open(Name);
        using NftRuleset two = Open("tcpao-test-60");
        Assert.Empty(own.TablesBeginningWith("tcpao-test-"));
        one.Replace(Rules.Model(Rules.Peer("10.59.25.9")));
        two.Replace(Rules.Model());
        Assert.Equal([Name, "tcpao-test-60"], own.TablesBeginningWith("tcpao-test-").Order(StringComparer.Ordinal));
        Assert.True(one.Remove());
        Assert.Equal(["tcpao-test-60"], own.TablesBeginningWith("tcpao-test-"));
        Assert.NotNull(own.Read());
        Assert.Null(one.Read());
        Assert.DoesNotContain(_hosts.B.Space.Run(NftHook.ReadAll), hook => hook.IsOutsideOurs);
    }

    [Fact]
    public void SignedPorts_QueueWhatHasTheOptionAndNothingElse()
    {
        using NftRuleset rules = Open(Name);
        rules.Replace(new NftModel { Traffic = [], SignedPorts = [Port], FirstQueue = Rules.Queue });
        Check([(true, Signed(TwoHosts.A4, TwoHosts.B4, Port)), (false, Plain(TwoHosts.A4, TwoHosts.B4, Port)), (false, Signed(TwoHosts.A4, TwoHosts.B4, 180)), (true, Signed(TwoHosts.A6, TwoHosts.B6, Port)), (false, Plain(TwoHosts.A6, TwoHosts.B6, Port))]);
    }

    [Fact]
    public void Elements_AddedLater_QueueWhatTheyName()
    {
        using NftRuleset rules = Open(Name);
        NftModel first = new() { Traffic = [Rules.Peer("10.59.25.200", localPort: "1000")], SignedPorts = [1000], FirstQueue = Rules.Queue, LeavesRoom = true };
        Assert.False(rules.TryExtend(first));
        rules.Replace(first);
        Check([(false, Plain(TwoHosts.A4, TwoHosts.B4, Port)), (false, Signed(TwoHosts.A4, TwoHosts.B4, 180))]);
        uint generation = rules.Read()!.Generation;
        Assert.True(rules.TryExtend(first with { Traffic = [Rules.Peer("10.59.25.1", localPort: "179")], SignedPorts = [180] }));
        Check([(true, Plain(TwoHosts.A4, TwoHosts.B4, Port)), (true, Signed(TwoHosts.A4, TwoHosts.B4, 180)), (false, Plain(TwoHosts.A4, TwoHosts.B4, 180))]);
        Assert.NotEqual(generation, rules.Read()!.Generation);

        // another shape, or more than there is room for: the whole is to be replaced
        Assert.False(rules.TryExtend(first with { Traffic = [Rules.Peer("10.59.25.0/25", localPort: "179")], SignedPorts = [] }));
        Assert.False(rules.TryExtend(first with { Traffic = [.. Enumerable.Range(2, 250).Select(host => Rules.Peer($"10.59.26.{host}", localPort: "179"))], SignedPorts = [] }));

        // the table is gone
        using NftRuleset another = Open(Name);
        Assert.True(rules.Remove());
        Assert.False(rules.TryExtend(first));
    }

    private NftRuleset Open(string name) => _hosts.B.Space.Run(() => NftRuleset.Open(name));

    private static byte[] Plain(IPAddress from, IPAddress to, int port) => PacketForge.Tcp(from, to, 40_000, port);

    /// <summary>A SYN with an option of kind 29.</summary>
    private static byte[] Signed(IPAddress from, IPAddress to, int port)
    {
        byte[] packet = PacketForge.Tcp(from, to, 40_000, port, [29, 16, 1, 2, .. new byte[12]]);
        int tcp = packet[0] >> 4 == 4 ? 20 : 40;
        packet[tcp + 12] = 0x90;
        TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
        return packet;
    }

    private void Check((bool IsQueued, byte[] Packet)[] cases)
    {
        _queued.Clear();
        using (new QueueLoop(_hosts.B, Rules.Queue, packet =>
        {
            TcpPacket.TryParse(packet.Payload, out TcpPacket parsed);
            _queued.Enqueue((ushort)(parsed.Sequence & 0xFFFF));
            packet.Drop();
        }))
        {
            for (int i = 0; i < cases.Length; i++)
            {
                byte[] packet = cases[i].Packet;
                int tcp = packet[0] >> 4 == 4 ? 20 : 40;
                packet[tcp + 6] = (byte)(i >> 8);
                packet[tcp + 7] = (byte)i;
                TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
                _forge.Send(packet);
            }

            ushort[] expected = [.. cases.Select((one, index) => (one.IsQueued, Index: (ushort)index)).Where(one => one.IsQueued).Select(one => one.Index)];
            Wait.Until(() => _queued.Count >= expected.Length, "what is to be queued was queued");

            // a datagram comes after all of them
            using Socket to = _hosts.B.Udp(TwoHosts.B4, 9);
            using Socket from = _hosts.A.Udp(TwoHosts.A4, 9);
            from.SendTo("udp"u8, new IPEndPoint(TwoHosts.B4, 9));
            Assert.Equal(3, to.Receive(new byte[3]));
            Assert.Equal(expected, _queued.Order());
        }
    }
}
