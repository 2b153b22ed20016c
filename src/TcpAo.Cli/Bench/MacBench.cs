using System.Buffers.Binary;
using System.Security.Cryptography;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Crypto.Batch;
using TcpAo.Keys;
using TcpAo.Linux.Crypto;
using TcpAo.Wire;

namespace TcpAo.Cli.Bench;

/// <summary>
/// What the MAC of a segment costs: ours for one segment whose header is gathered, ours for a batch with a key each, and what a program would use instead. A single
/// MAC goes into the next message, so that what is measured is how long one takes and not how many fit side by side.
/// </summary>
internal sealed class MacBench : IDisposable
{
    /// <summary>SNE, pseudo-header and a segment, in bytes.</summary>
    public static readonly int[] MessageLengths = [144, 528, 1464];

    private const int PseudoHeader = 16;
    private const int IPv4Header = 20;
    private const int Passes = 301;
    private const double PassMicroseconds = 60;

    private readonly List<IDisposable> _owned = [];

    /// <summary>Measures everything, algorithm by algorithm and length by length.</summary>
    /// <param name="report">Is given each figure.</param>
    public void Run(Action<MacResult> report)
    {
        foreach (MacAlgorithm algorithm in (MacAlgorithm[])[MacAlgorithms.HmacSha1, MacAlgorithms.HmacSha256, MacAlgorithms.AesCmac])
        {
            foreach (int length in MessageLengths)
            {
                Measure(algorithm, length, report);
            }
        }
    }

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private void Measure(MacAlgorithm algorithm, int length, Action<MacResult> report)
    {
        var rows = new List<(MacResult Result, BenchCase Case)>();
        byte[] key = RandomNumberGenerator.GetBytes(algorithm.TrafficKeyLength);
        byte[] message = new byte[length];
        Add("openssl evp_mac", "reference", "single", 1, EvpMac(algorithm, key, message));
        Add(".net one-shot", "reference", "single", 1, OneShot(algorithm, key, message));
        Add(algorithm.Implementation, "ours", "single", 1, Single(algorithm, length));
        if (BlockFunctions.Current is not null && !ReferenceEquals(algorithm, MacAlgorithms.AesCmac))
        {
            Add("c#", "ours", "single", 1, WithoutLibrary(Single(algorithm, length)));
        }

        foreach (MacPath path in MacPaths.AllOf(algorithm).Where(path => path.Lanes > 1))
        {
            int count = ReferenceEquals(algorithm, MacAlgorithms.AesCmac) ? 8 : 16;
            Add(path.Name, "ours", "batch", path.Lanes, Batch(algorithm, path, length, count), count);
        }

        BenchFigures[] figures = BenchRun.Measure([.. rows.Select(row => row.Case)], Passes, PassMicroseconds);
        double reference = rows[0].Case.Name.StartsWith("openssl", StringComparison.Ordinal) ? figures[0].Minimum : double.NaN;
        for (int i = 0; i < rows.Count; i++)
        {
            report(rows[i].Result with { Figures = figures[i], Faster = reference / figures[i].Minimum });
        }

        void Add(string implementation, string role, string mode, int lanes, Func<int, int>? work, int operations = 1)
        {
            if (work is not null)
            {
                rows.Add((new MacResult(algorithm.Name, length, mode, lanes, implementation, role, default, 0), new BenchCase(implementation, work, operations)));
            }
        }
    }

    /// <summary>What the engine does for one segment: the header is gathered from the packet, then the MAC computed.</summary>
    private static Func<int, int> Single(MacAlgorithm algorithm, int length)
    {
        var key = new AoKey("bench", 1, 1, algorithm, Secret.FromText("benchmark"));
        byte[] packet = Packet(length);
        byte[] mac = new byte[key.MacLength];
        var pair = new SocketPair(IpAddressBits.FromBytes([192, 0, 2, 1]), IpAddressBits.FromBytes([192, 0, 2, 2]), 40000, 179);
        SegmentFlow flow = SegmentFlow.Outbound(pair, NatSides.None);
        SegmentMac.Derive(key, flow, 1, 2, out TrafficKey trafficKey);
        return times =>
        {
            TcpPacket.TryParse(packet, out TcpPacket parsed);
            for (int i = 0; i < times; i++)
            {
                SegmentMac.Compute(key, in trafficKey, parsed, flow, mac[0], mac);
            }

            return mac[0];
        };
    }

    private static Func<int, int> WithoutLibrary(Func<int, int> work) => times =>
    {
        BlockFunctions? functions = BlockFunctions.Current;
        BlockFunctions.Current = null;
        int used = work(times);
        BlockFunctions.Current = functions;
        return used;
    };

    /// <summary>A batch from its first header to its last MAC.</summary>
    private static Func<int, int> Batch(MacAlgorithm algorithm, MacPath path, int length, int count)
    {
        const int HeaderLength = PseudoHeader + 20 + 16;
        var batch = new MacBatch(algorithm, path);
        byte[] header = new byte[HeaderLength];
        byte[] payloads = new byte[count * length];
        byte[][] keys = [.. Enumerable.Range(0, count).Select(_ =>
        {
            algorithm.Prepare(RandomNumberGenerator.GetBytes(algorithm.TrafficKeyLength), out TrafficKey prepared);
            return TrafficKey.Read(in prepared)[..algorithm.PreparedLength].ToArray();
        })];
        return times =>
        {
            int used = 0;
            for (int i = 0; i < times; i++)
            {
                for (int j = 0; j < keys.Length; j++)
                {
                    header.CopyTo(batch.NextHeader);
                    batch.Add(keys[j], 0, HeaderLength, payloads, j * length, length - HeaderLength);
                }

                batch.Compute(payloads);
                used += batch.Mac(0)[0];
                batch.Clear();
            }

            return used;
        };
    }

    private Func<int, int>? EvpMac(MacAlgorithm algorithm, byte[] key, byte[] message)
    {
        OpenSslMac? mac = ReferenceEquals(algorithm, MacAlgorithms.AesCmac)
            ? OpenSslMac.TryCreate("CMAC", "cipher", "AES-128-CBC", key)
            : OpenSslMac.TryCreate("HMAC", "digest", ReferenceEquals(algorithm, MacAlgorithms.HmacSha1) ? "SHA1" : "SHA256", key);
        if (mac is null)
        {
            return null;
        }

        _owned.Add(mac);
        byte[] output = new byte[32];
        return times =>
        {
            for (int i = 0; i < times; i++)
            {
                mac.Compute(message, output);
                message[0] = output[0];
            }

            return message[0];
        };
    }

    private static Func<int, int> OneShot(MacAlgorithm algorithm, byte[] key, byte[] message)
    {
        byte[] output = new byte[message.Length];
        if (ReferenceEquals(algorithm, MacAlgorithms.AesCmac))
        {
            // the class library has no CMAC; its CBC over as many blocks is what one would build it on
#pragma warning disable CA2000 // lives as long as the program
            Aes aes = Aes.Create();
#pragma warning restore CA2000
            aes.Key = key;
            byte[] start = new byte[16];
            return Times(() => aes.EncryptCbc(message.AsSpan(0, message.Length & -start.Length), start, output, PaddingMode.None));
        }

#pragma warning disable CA5350 // RFC 5926's
        return ReferenceEquals(algorithm, MacAlgorithms.HmacSha1)
            ? Times(() => HMACSHA1.HashData(key, message, output))
            : Times(() => HMACSHA256.HashData(key, message, output));
#pragma warning restore CA5350

        Func<int, int> Times(Func<int> once) => times =>
        {
            for (int i = 0; i < times; i++)
            {
                once();
                message[0] = output[0];
            }

            return message[0];
        };
    }

    private static byte[] Packet(int messageLength)
    {
        byte[] packet = new byte[IPv4Header + messageLength - PseudoHeader];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[9] = 6;
        packet[IPv4Header + 12] = 9 << 4;
        packet[IPv4Header + 13] = (byte)TcpFlags.Ack;
        packet[IPv4Header + 20] = (byte)TcpOptionKind.TcpAo;
        packet[IPv4Header + 21] = 16;
        return packet;
    }
}
