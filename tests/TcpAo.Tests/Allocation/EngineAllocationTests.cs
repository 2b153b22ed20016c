using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Allocation;

/// <summary>No byte is allocated for a segment once a connection and its keys are known.</summary>
public sealed class EngineAllocationTests
{
    private const int Segments = 200;

    public static TheoryData<string> Algorithms => [.. MacAlgorithms.All.Select(algorithm => algorithm.Name)];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Segments_BothWays_AllocateNothing(string name)
    {
        MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm);
        foreach (bool strips in new[] { false, true })
        {
            KeyBoth key = KeyBoth.Of(algorithm: algorithm);
            Duo duo = new Duo(key, options: new AoEngineOptions { StripVerified = strips });
            duo.Server.Receive(duo.Client.SendSigned(duo.Syn));
            duo.Client.Receive(duo.Server.SendSigned(duo.SynAck));
            duo.Server.Receive(duo.Client.SendSigned(duo.FinalAck));
            var client = new AoEngine(duo.Client.Keys, new AoEngineOptions { StripVerified = strips });
            var server = new AoEngine(duo.Server.Keys, new AoEngineOptions { StripVerified = strips });
            if (duo.Client.Engine.FindConnection(duo.Client.Pair) is { } connection)
            {
                client.Restore(connection.Save(), duo.Client.Time);
                server.Restore(duo.Server.Connection.Save(), duo.Server.Time);
            }

            byte[] packet = duo.FromClient(0, 500).ToPacket();
            byte[] forged = duo.Client.SendSigned(duo.FromClient(0, 500));
            forged[^1] ^= 1;
            byte[] buffer = new byte[1000];
            var context = new SegmentContext(duo.Client.Time);
            Run(20);
            int failures = 0;
            Assert.Equal(0, Allocated.Least(() => failures += Run(Segments)));
            Assert.Equal(0, failures);

            int Run(int count)
            {
                int wrong = 0;
                for (int i = 0; i < count; i++)
                {
                    packet.CopyTo(buffer, 0);
                    AoDecision sent = client.ProcessOutbound(buffer, packet.Length, context);
                    wrong += sent.Verdict == AoVerdict.Rewrite ? 0 : 1;
                    wrong += server.ProcessInbound(buffer, sent.Length, context).Verdict == (strips ? AoVerdict.Rewrite : AoVerdict.Pass) ? 0 : 1;
                    forged.CopyTo(buffer, 0);
                    wrong += server.ProcessInbound(buffer, forged.Length, context).Reason == DropReason.MacMismatch ? 0 : 1;
                }

                return wrong;
            }
        }
    }

    [Fact]
    public void Segments_OfConnectionsWithoutKeysAndIcmp_AllocateNothing()
    {
        Duo duo = new Duo().Open();
        byte[] packet = (duo.FromClient(0) with { From = duo.Client.Pair with { LocalPort = 1 } }).ToPacket();
        byte[] icmp = IcmpPackets.Error(duo.Server.Pair, 3, 3);
        var without = new AoEngine(TestSource.None);
        var context = new SegmentContext(duo.Server.Time);
        byte[] buffer = Packets.WithRoom(packet);
        Run();
        Assert.Equal(0, Allocated.Least(Run));

        void Run()
        {
            for (int i = 0; i < 50; i++)
            {
                without.ProcessInbound(buffer, packet.Length, context);
                without.ProcessOutbound(buffer, packet.Length, context);
                without.ProcessInbound(icmp, icmp.Length, context);
            }
        }
    }
}
