using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Properties;

/// <summary>Packets that come together are decided as they are one by one: decisions, bytes, counters and state.</summary>
public sealed class SegmentBatchLaws
{
    private const int Room = 1700;

    public static TheoryData<string> Algorithms => [.. MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5).Select(algorithm => algorithm.Name)];

    [Theory]
    [MemberData(nameof(Algorithms))]
    [Requirement("R-073", "R-074")]
    public void Packets_TogetherOrOneByOne_AreDecidedAlike(string name)
    {
        MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm);
        var random = new Random(7);
        foreach (bool ipv6 in (bool[])[false, true])
        {
            Duo duo = Create(algorithm, ipv6);
            Duo other = Create(algorithm, ipv6);
            var batch = new SegmentBatch();
            for (int round = 0; round < 40; round++)
            {
                bool[] leaves = [.. Enumerable.Range(0, 1 + random.Next(SegmentBatch.Capacity)).Select(_ => random.Next(2) == 0)];
                byte[][] packets = [.. leaves.Select(leaves => leaves ? NextOfServer(duo, random) : Next(duo, random))];
                byte[] alone = Lay(packets);
                byte[] together = Lay(packets);
                var context = new SegmentContext(duo.Server.Time);
                batch.Clear();
                for (int i = 0; i < packets.Length; i++)
                {
                    batch.Add(i * Room, packets[i].Length, Room, leaves[i], context);
                }

                other.Server.Engine.Foresee(batch, together);
                for (int i = 0; i < packets.Length; i++)
                {
                    Span<byte> packet = alone.AsSpan(i * Room, Room);
                    AoDecision expected = leaves[i]
                        ? duo.Server.Engine.ProcessOutbound(packet, packets[i].Length, context)
                        : duo.Server.Engine.ProcessInbound(packet, packets[i].Length, context);
                    Assert.Equal(expected, other.Server.Engine.Process(batch, i, together));
                }

                batch.Sign(together);
                Assert.DoesNotContain(packets.Index(), packet => batch.IsLost(packet.Index));
                Assert.Equal(alone, together);
                Assert.Equal(duo.Server.Connection.Save(), other.Server.Connection.Save());
                Assert.Equal(duo.Server.Events, other.Server.Events);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [Requirement("R-041")]
    public void Packets_WhoseConnectionEndsInTheSameBatch_AreLost(int count)
    {
        Duo duo = Create(null, ipv6: false);
        byte[][] packets = [.. Enumerable.Repeat(duo.FromServer(0, 500).ToPacket(), count), (duo.SynAck with { Sequence = 77, Acknowledgment = 78 }).ToPacket(), duo.FromServer(0).ToPacket()];
        byte[] buffer = Lay(packets);
        var batch = new SegmentBatch();
        for (int i = 0; i < packets.Length; i++)
        {
            batch.Add(i * Room, packets[i].Length, Room, isOutbound: true, new SegmentContext(duo.Server.Time));
        }

        for (int i = 0; i < packets.Length; i++)
        {
            duo.Server.Engine.Process(batch, i, buffer);
        }

        batch.Sign(buffer);
        Assert.All(Enumerable.Range(0, count), i => Assert.True(batch.IsLost(i)));
        Assert.False(batch.IsLost(count));
        Assert.False(batch.IsLost(count + 1));
    }

    [Fact]
    public void Add_ToAFullBatch_IsAnError()
    {
        var batch = new SegmentBatch();
        for (int i = 0; i < SegmentBatch.Capacity; i++)
        {
            batch.Add(0, 0, 0, isOutbound: false, default);
        }

        Assert.True(batch.IsFull);
        Assert.Throws<InvalidOperationException>(() => batch.Add(0, 0, 0, isOutbound: false, default));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Packets_Together_AllocateNothing(string name)
    {
        MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm);
        Duo duo = Create(algorithm, ipv6: false);
        byte[] packet = duo.Client.SendSigned(duo.FromClient(0, 500));
        byte[] answer = duo.FromServer(0, 500).ToPacket();
        byte[] buffer = new byte[20 * Room];
        var engine = new AoEngine(duo.Server.Keys);
        engine.Restore(duo.Server.Connection.Save(), duo.Server.Time);
        var batch = new SegmentBatch();
        var context = new SegmentContext(duo.Server.Time);
        Assert.Equal(0, Allocated.Least(() =>
        {
            batch.Clear();
            for (int i = 0; i < 20; i++)
            {
                byte[] next = i < 10 ? packet : answer;
                next.CopyTo(buffer, i * Room);
                batch.Add(i * Room, next.Length, Room, isOutbound: i >= 10, context);
            }

            engine.Foresee(batch, buffer);
            for (int i = 0; i < 20; i++)
            {
                engine.Process(batch, i, buffer);
            }

            batch.Sign(buffer);
        }));
    }

    private static Duo Create(MacAlgorithm? algorithm, bool ipv6)
    {
        // near the end of the first SNE
        var duo = new Duo(KeyBoth.Of(algorithm: algorithm), ipv6 ? Duo.IPv6 : Duo.IPv4, new AoEngineOptions { StripVerified = true }) { ClientIsn = 0xFFFF_F000 };
        duo.Server.Receive(duo.Client.SendSigned(duo.Syn));
        duo.Client.Receive(duo.Server.SendSigned(duo.SynAck));
        duo.Server.Receive(duo.Client.SendSigned(duo.FinalAck));
        return duo;
    }

    /// <summary>A segment of the client: new, old, forged, cut, of another connection, a reset or a SYN.</summary>
    private static byte[] Next(Duo duo, Random random)
    {
        TestSegment segment = duo.FromClient((uint)random.Next(20_000), random.Next(1400), random.Next(10) == 0 ? TcpFlags.Rst | TcpFlags.Ack : TcpFlags.Ack);
        byte[] packet = duo.Client.SendSigned(segment);
        switch (random.Next(8))
        {
            case 0:
                packet[random.Next(20, packet.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                return segment.ToPacket();
            case 2:
                return packet[..random.Next(1, packet.Length)];
            case 3:
                return (segment with { From = duo.Client.Pair with { LocalPort = 1 } }).ToPacket();
            default:
                break;
        }

        return packet;
    }

    /// <summary>What the server's stack sends: data, a reset, a SYN-ACK again, on the connection or without one.</summary>
    private static byte[] NextOfServer(Duo duo, Random random) => random.Next(8) switch
    {
        0 => duo.SynAck.ToPacket(),
        1 => (duo.FromServer(0) with { From = duo.Server.Pair with { LocalPort = 1 } }).ToPacket(),
        2 => duo.FromServer((uint)random.Next(20_000), 0, TcpFlags.Rst | TcpFlags.Ack).ToPacket(),
        _ => duo.FromServer((uint)random.Next(20_000), random.Next(1400)).ToPacket(),
    };

    private static byte[] Lay(byte[][] packets)
    {
        byte[] buffer = new byte[packets.Length * Room];
        for (int i = 0; i < packets.Length; i++)
        {
            packets[i].CopyTo(buffer, i * Room);
        }

        return buffer;
    }
}
