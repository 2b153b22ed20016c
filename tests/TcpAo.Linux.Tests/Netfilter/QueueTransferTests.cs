using System.Net;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>TCP of two hosts through queues: as it is, and with an option that the kernel knows nothing of .</summary>
public sealed class QueueTransferTests
{
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

    [Fact]
    public void Connections_OverFourQueues_StayOnOneEach()
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Open(hosts.A);
        rules.Replace(Rules.Model(Rules.Session($"{TwoHosts.B4}").Concat(Rules.Session($"{TwoHosts.B6}")).ToArray()) with { QueueCount = 4 });
        HashSet<(int Port, int Queue)>[] seen = [[], [], [], []];
        List<QueueLoop> loops = [];
        try
        {
            for (int i = 0; i < seen.Length; i++)
            {
                int queue = i;
                loops.Add(new QueueLoop(hosts.A, (ushort)(Rules.Queue + queue), packet =>
                {
                    int at = packet.Protocol == 0x0800 ? 20 : 40;
                    int port = (packet.Payload[at + (packet.IsOutbound ? 0 : 2)] << 8) | packet.Payload[at + (packet.IsOutbound ? 1 : 3)];
                    seen[queue].Add((packet.Protocol == 0x0800 ? port : -port, queue));
                    packet.Accept();
                }));
            }

            for (int i = 0; i < 8; i++)
            {
                Transfer.Run(hosts.A, hosts.B, TwoHosts.B4, 179, 20_000);
                Transfer.Run(hosts.A, hosts.B, TwoHosts.B6, 179, 20_000);
            }
        }
        finally
        {
            loops.ForEach(loop => loop.Dispose());
        }

        (int Port, int Queue)[] all = [.. seen.SelectMany(set => set)];
        Assert.Equal(16, all.Length);
        Assert.Equal(16, all.Select(one => one.Port).Distinct().Count());
        Assert.True(all.Select(one => one.Queue).Distinct().Count() > 1);
    }
}
