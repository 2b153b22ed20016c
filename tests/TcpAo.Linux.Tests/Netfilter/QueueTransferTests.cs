using System.Net;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>TCP of two hosts through queues: as it is, and with an option that the kernel knows nothing of .</summary>
public sealed class QueueTransferTests
{
    private const int Connections = 16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segments_AcceptedAsTheyAre_CarryEveryByte(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Install(hosts.A, Rules.Session($"{TwoHosts.AddressOfB(isIPv6)}"));
        using QueueLoop loop = new(hosts.A, Rules.Queue, QueueLoop.Accept);
        Transfer.Run(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179, 4_000_000);
        Assert.True(loop.Packets > 1000, $"only {loop.Packets} packets were queued");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segments_GrownHereAndShrunkThere_CarryEveryByte(bool isIPv6)
    {
        using TwoHosts hosts = new();
        OptionWorker a = new();
        OptionWorker b = new();
        using NftRuleset rulesOfA = Rules.Install(hosts.A, Rules.Session($"{TwoHosts.AddressOfB(isIPv6)}"));
        using NftRuleset rulesOfB = Rules.Install(hosts.B, Rules.Session($"{TwoHosts.AddressOfA(isIPv6)}"));
        using QueueLoop loopOfA = new(hosts.A, Rules.Queue, a.Handle);
        using QueueLoop loopOfB = new(hosts.B, Rules.Queue, b.Handle);
        Transfer.Run(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179, 4_000_000);
        Assert.Equal((0, 0, 0, 0), (a.Unsigned, b.Unsigned, a.Refused, b.Refused));
        Assert.True(a.Inserted > 1000 && b.Removed > 1000, $"{a.Inserted} inserted, {b.Removed} removed");
    }

    [Fact]
    public void Segments_OnLoopback_PassBothHooks()
    {
        using Host host = Host.Create();
        OptionWorker worker = new();
        using NftRuleset rules = Rules.Install(host, Rules.Session("127.0.0.1"));
        using QueueLoop loop = new(host, Rules.Queue, worker.Handle);
        Transfer.Run(host, host, IPAddress.Loopback, 179, 4_000_000);
        Assert.Equal((0, 0), (worker.Unsigned, worker.Refused));
        Assert.True(worker.Inserted > 50 && worker.Removed > 50, $"{worker.Inserted} inserted, {worker.Removed} removed");
    }

    [Fact]
    public void Loop_OverThousandsOfPackets_AllocatesNothing()
    {
        using TwoHosts hosts = new();
        OptionWorker a = new();
        OptionWorker b = new();
        using NftRuleset rulesOfA = Rules.Install(hosts.A, Rules.Session($"{TwoHosts.B4}"));
        using NftRuleset rulesOfB = Rules.Install(hosts.B, Rules.Session($"{TwoHosts.A4}"));
        QueueLoop loopOfA = new(hosts.A, Rules.Queue, a.Handle);
        using (QueueLoop loopOfB = new(hosts.B, Rules.Queue, b.Handle))
        using (loopOfA)
        {
            Transfer.Run(hosts.A, hosts.B, TwoHosts.B4, 179, 4_000_000);
        }

        Assert.True(loopOfA.Packets > 2000, $"only {loopOfA.Packets} packets");

        // none for a packet; the runtime may need an object of its own once in thousands of them
        Assert.InRange(loopOfA.AllocatedBytes, 0, loopOfA.Packets / 10);
    }

    [Theory]
    [InlineData(QueueSpread.Connection)]
    [InlineData(QueueSpread.AddressPair)]
    public void Connections_OverFourQueues_StayOnTheOneThatTheModelNames(QueueSpread spread)
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Open(hosts.A);
        NftModel model = Rules.Model(Rules.Session("10.59.25.0/24").Concat(Rules.Session("fd59:25::/64")).ToArray()) with { QueueCount = 4, Spread = spread };
        rules.Replace(model);
        HashSet<(SocketPair Pair, int Queue)>[] seen = [[], [], [], []];
        List<QueueLoop> loops = [];
        try
        {
            for (int i = 0; i < seen.Length; i++)
            {
                int queue = i;
                loops.Add(new QueueLoop(hosts.A, (ushort)(Rules.Queue + queue), packet =>
                {
                    Assert.Equal(DropReason.None, TcpPacket.TryParse(packet.Payload, out TcpPacket segment));
                    var pair = new SocketPair(
                        IpAddressBits.FromBytes(segment.SourceAddress), IpAddressBits.FromBytes(segment.DestinationAddress), segment.SourcePort, segment.DestinationPort);
                    seen[queue].Add((packet.IsOutbound ? pair : pair.Reversed, queue));
                    packet.Accept();
                }));
            }

            for (int i = 0; i < Connections / 2; i++)
            {
                foreach (bool isIPv6 in (bool[])[false, true])
                {
                    IPAddress address = Numbered(TwoHosts.AddressOfB(isIPv6), i);
                    hosts.B.Space.Run(() => RouteSocket.Use(route => route.AddAddress(TwoHosts.Wire, address, isIPv6 ? 64 : 24)));
                    Transfer.Run(hosts.A, hosts.B, address, 179, 20_000);
                }
            }
        }
        finally
        {
            loops.ForEach(loop => loop.Dispose());
        }

        (SocketPair Pair, int Queue)[] all = [.. seen.SelectMany(set => set)];
        Assert.Equal(Connections, all.Length);
        Assert.All(all, one => Assert.Equal(model.QueueOf(one.Pair), one.Queue));
        Assert.True(all.Select(one => one.Queue).Distinct().Count() > 1);
    }

    /// <summary>Another address of the same network.</summary>
    private static IPAddress Numbered(IPAddress address, int number)
    {
        byte[] bytes = address.GetAddressBytes();
        bytes[^1] = (byte)(100 + number);
        return new IPAddress(bytes);
    }
}
