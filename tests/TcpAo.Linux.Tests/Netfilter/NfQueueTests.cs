using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>The queue by itself: what it says of packets, what happens to those without a verdict, and what is counted.</summary>
public sealed class NfQueueTests
{
    [Fact]
    public void Packet_Received_ShowsWhereItCameBy()
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Install(hosts.B, Rules.Session($"{TwoHosts.A4}"));
        using PacketForge forge = new(hosts.A);
        using NfQueue queue = hosts.B.Space.Run(() => NfQueue.Bind(Rules.Queue));
        byte[] sent = PacketForge.Tcp(TwoHosts.A4, TwoHosts.B4, 1, 179, [1, 2, 3]);
        forge.Send(sent);
        int index = hosts.B.Space.Run(() =>
        {
            using TcpAo.Linux.Namespaces.RouteSocket route = TcpAo.Linux.Namespaces.RouteSocket.Open();
            return route.IndexOf(TwoHosts.Wire);
        });
        Assert.True(queue.TryReceive(Wait.Milliseconds, out NfQueueBatch batch));
        int count = 0;
        foreach (NfQueuePacket packet in batch)
        {
            count++;
            Assert.Equal((0, 0x0800, index, 0), (packet.Hook, packet.Protocol, packet.InInterface, packet.OutInterface));
            Assert.Equal((false, false, false), (packet.IsOutbound, packet.IsTruncated, packet.IsChecksumPartial));
            Assert.Equal(sent[20..], packet.Payload[20..].ToArray());
            Assert.True(packet.Buffer.Length >= sent.Length + 256);
        }

        Assert.Equal(1, count);
        Assert.Throws<InvalidOperationException>(() => queue.TryReceive(0, out _));
        queue.Complete();
        Assert.False(queue.TryReceive(0, out _));
    }

    [Fact]
    public void Wake_FromAnotherThread_EndsTheWait()
    {
        using Host host = Host.Create();
        using NfQueue queue = host.Space.Run(() => NfQueue.Bind(1));
        queue.Wake();
        Assert.False(queue.TryReceive(-1, out _));
    }

    [Fact]
    public void Queue_Full_DropsAndCounts()
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Install(hosts.B, Rules.Session($"{TwoHosts.A4}"));
        using PacketForge forge = new(hosts.A);
        using NfQueue queue = hosts.B.Space.Run(() => NfQueue.Bind(Rules.Queue, new NfQueueOptions { MaxLength = 4 }));
        for (int i = 0; i < 10; i++)
        {
            forge.Send(PacketForge.Tcp(TwoHosts.A4, TwoHosts.B4, 1, 179));
        }

        NfQueueStatistics statistics = default;
        Wait.Until(
            () =>
            {
                statistics = Assert.Single(hosts.B.Space.Run(NfQueueStatistics.Read));
                return statistics.Depth + statistics.QueueDropped == 10;
            },
            "ten packets were queued or dropped");
        Assert.Equal((4, 6, 0), (statistics.Depth, statistics.QueueDropped, statistics.UserDropped));
    }

    [Fact]
    public void Verdicts_MixedInABatch_ReachTheirPackets()
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Install(hosts.B, Rules.Peer($"{TwoHosts.A4}"));
        using PacketForge forge = new(hosts.A);
        using NfQueue queue = hosts.B.Space.Run(() => NfQueue.Bind(Rules.Queue));
        const int count = 40;
        long before = hosts.B.SegmentsIn();
        for (int i = 0; i < count; i++)
        {
            forge.Send(PacketForge.Tcp(TwoHosts.A4, TwoHosts.B4, 1000 + i, 179));
        }

        // all are there before the first verdict: a batch verdict must not reach beyond its packets
        Wait.Until(() => Assert.Single(hosts.B.Space.Run(NfQueueStatistics.Read)).Depth == count, "all packets were queued");
        int accepted = 0;
        while (queue.TryReceive(0, out NfQueueBatch batch))
        {
            foreach (NfQueuePacket packet in batch)
            {
                int port = ((packet.Payload[20] << 8) | packet.Payload[21]) - 1000;
                switch (port % 8)
                {
                    case 0 or 1:
                        packet.Accept();
                        accepted++;
                        break;
                    case 2:
                        packet.AcceptChanged(packet.Payload.Length);
                        accepted++;
                        break;
                    case 3:
                        packet.Accept();
                        packet.SetMark(7);
                        accepted++;
                        break;
                    case 4:
                        packet.Drop();
                        break;
                    default:
                        break;
                }
            }

            queue.Complete();
        }

        Assert.Equal(count / 2, accepted);
        Assert.Equal(before + accepted, hosts.B.SegmentsIn());
        Assert.Equal(0, Assert.Single(hosts.B.Space.Run(NfQueueStatistics.Read)).Depth);
        Assert.Equal(0, queue.RefusedVerdicts);
    }

    [Fact]
    public void Spread_ByAddresses_KeepsAPeerOnOneQueue()
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Open(hosts.B);
        rules.Replace(Rules.Model(Rules.Peer("10.59.25.0/24")) with { QueueCount = 8, Spread = QueueSpread.AddressPair });
        using PacketForge forge = new(hosts.A);
        List<NfQueue> queues = [.. Enumerable.Range(0, 8).Select(i => hosts.B.Space.Run(() => NfQueue.Bind((ushort)(Rules.Queue + i))))];
        for (int i = 0; i < 64; i++)
        {
            forge.Send(PacketForge.Tcp(TwoHosts.A4, TwoHosts.B4, 1000 + i, 2000 + i));
        }

        Wait.Until(() => hosts.B.Space.Run(NfQueueStatistics.Read).Sum(queue => queue.Depth) == 64, "all packets were queued");
        Assert.Equal(64, hosts.B.Space.Run(NfQueueStatistics.Read).Max(queue => queue.Depth));
        queues.ForEach(queue => queue.Dispose());
    }
}
