using System.Buffers.Binary;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Benchmarks;

/// <summary>What the engine needs for a segment, one way and the other, beside the MAC alone.</summary>
internal sealed class EngineBenchmark
{
    private const int Segments = 4096;
    private const int HeaderLength = 20 + 32;

    private static readonly EngineTime s_time = new(DateTimeOffset.UnixEpoch, 0);

    private readonly byte[] _buffer = new byte[2048];
    private readonly byte[] _template;
    private readonly SegmentContext _context = new(s_time);
    private readonly AoEngine _near;
    private readonly AoEngine _far;
    private readonly MacAlgorithm _algorithm;
    private uint _sequence = 1001;

    private EngineBenchmark(MacAlgorithm algorithm, int payload)
    {
        _algorithm = algorithm;
        _near = Engine(1, 2);
        _far = Engine(2, 1);
        _template = Packet(TcpFlags.Ack, payload, fromNear: true);
        Hand(_near, _far, TcpFlags.Syn, 1000, 0, fromNear: true);
        Hand(_far, _near, TcpFlags.Syn | TcpFlags.Ack, 2000, 1001, fromNear: false);
        Hand(_near, _far, TcpFlags.Ack, 1001, 2001, fromNear: true);
    }

    public static void Run(TextWriter output)
    {
        foreach (MacAlgorithm algorithm in MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5))
        {
            foreach (int payload in (int[])[0, 1448])
            {
                var bench = new EngineBenchmark(algorithm, payload);
                algorithm.Prepare(new byte[algorithm.TrafficKeyLength], out TrafficKey key);
                new Measurement($"{algorithm.Name}, {payload} bytes of data, a segment")
                    .Add("MAC alone", () => bench.MacAlone(key, payload), Segments)
                    .Add("MAC alone, C#", () => InManagedCode(() => bench.MacAlone(key, payload)), Segments)
                    .Add("sign", () => bench.Sign(verify: false), Segments)
                    .Add("sign and verify", () => bench.Sign(verify: true), Segments)
                    .Run(output);
            }
        }
    }

    private int MacAlone(TrafficKey key, int payload)
    {
        Span<byte> mac = stackalloc byte[MacAlgorithm.LongestMac];
        mac = mac[.._algorithm.DefaultMacLength];
        int sum = 0;
        for (int i = 0; i < Segments; i++)
        {
            _algorithm.ComputeMac(in key, _buffer.AsSpan(0, 16 + HeaderLength + 16), _buffer.AsSpan(HeaderLength, payload), mac);
            sum += mac[0];
        }

        return sum;
    }

    /// <summary>The same without libcrypto's block functions; what has none of them costs the same.</summary>
    private static int InManagedCode(Func<int> work)
    {
        BlockFunctions? functions = BlockFunctions.Current;
        BlockFunctions.Current = null;
        try
        {
            return work();
        }
        finally
        {
            BlockFunctions.Current = functions;
        }
    }

    private int Sign(bool verify)
    {
        int sum = 0;
        for (int i = 0; i < Segments; i++)
        {
            _template.CopyTo(_buffer, 0);
            SetSequence(_sequence, 2001);
            _sequence++;
            AoDecision signed = _near.ProcessOutbound(_buffer, _template.Length, _context);
            AoDecision verified = verify ? _far.ProcessInbound(_buffer, signed.Length, _context) : signed;
            sum += verified.Verdict == AoVerdict.Rewrite ? verified.Length : throw new InvalidOperationException(verified.Reason.ToString());
        }

        return sum;
    }

    private AoEngine Engine(byte sendId, byte recvId)
    {
        var key = new AoKey("bench/1", sendId, recvId, _algorithm, Secret.FromText("a secret of no less than 32 bytes, for kmac"));
        var policy = new ConnectionPolicy("bench", new KeyRing([key]));
        return new AoEngine(new OnePolicy(policy), new AoEngineOptions { StripVerified = true });
    }

    private void Hand(AoEngine from, AoEngine to, TcpFlags flags, uint sequence, uint acknowledgment, bool fromNear)
    {
        byte[] packet = Packet(flags, 0, fromNear);
        packet.CopyTo(_buffer, 0);
        SetSequence(sequence, acknowledgment);
        AoDecision signed = from.ProcessOutbound(_buffer, packet.Length, _context);
        AoDecision verified = to.ProcessInbound(_buffer, signed.Length, _context);
        if (verified.Verdict != AoVerdict.Rewrite)
        {
            throw new InvalidOperationException($"{flags}: {signed.Reason} {verified.Reason}");
        }
    }

    private void SetSequence(uint sequence, uint acknowledgment)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(24), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(28), acknowledgment);
    }

    private static byte[] Packet(TcpFlags flags, int payload, bool fromNear)
    {
        byte[] packet = new byte[HeaderLength + payload];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 6;
        byte[] near = [192, 0, 2, 1];
        byte[] far = [192, 0, 2, 2];
        (fromNear ? near : far).CopyTo(packet, 12);
        (fromNear ? far : near).CopyTo(packet, 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), fromNear ? (ushort)40000 : (ushort)179);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), fromNear ? (ushort)179 : (ushort)40000);
        packet[32] = 8 << 4;
        packet[33] = (byte)flags;

        // timestamps behind two NOPs
        packet[40] = 1;
        packet[41] = 1;
        packet[42] = 8;
        packet[43] = 10;
        return packet;
    }

    private sealed class OnePolicy(ConnectionPolicy policy) : IKeySource
    {
        public ConnectionPolicy? Find(in SocketPair pair) => policy;
    }
}
