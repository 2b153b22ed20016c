using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>What the rules are to do; <see cref="NftRuleset.Replace"/> makes it so.</summary>
public sealed record NftModel
{
    // fixed: the kernel would draw one for each rule, and the directions of a connection would part
    internal const uint HashSeed = 0x5925;

    private const int LeastRoom = 64;

    /// <summary>Whose segments are queued. Nothing else is touched.</summary>
    public required IReadOnlyCollection<ProtectedTraffic> Traffic { get; init; }

    /// <summary>
    /// Local ports to which segments with TCP-AO are queued from anybody, whether or not <see cref="Traffic"/> names them: where a socket has no keys such a segment is to be refused, and a kernel
    /// without TCP-AO would let it pass.
    /// </summary>
    public IReadOnlyCollection<ushort> SignedPorts { get; init; } = [];

    /// <summary>Whether the sets take elements that come later (<see cref="NftRuleset.TryExtend"/>), about as many as there are now.</summary>
    public bool LeavesRoom { get; init; }

    /// <summary>The first queue; the others follow it. ICMP errors with an irregular quote go there.</summary>
    public ushort FirstQueue { get; init; } = 5925;

    /// <summary>How many queues there are, 1 to 256.</summary>
    public int QueueCount { get; init; } = 1;

    /// <summary>What decides which of several queues a connection is on.</summary>
    public QueueSpread Spread { get; init; }

    /// <summary>The TUN device that segments take in place of the queue where they can; null for none. With one there is one queue.</summary>
    public NftTunPath? Tun { get; init; }

    /// <summary>How many elements a set is made for.</summary>
    internal int RoomFor(int count) => LeavesRoom ? Math.Max(LeastRoom, 2 * count) : count;

    /// <summary>
    /// Which of the queues both directions of a connection meet, 0 to <see cref="QueueCount"/> − 1. ICMP errors that quote it irregularly, in which the rules
    /// do not see the ports, meet the first queue all the same.
    /// </summary>
    /// <param name="pair">The connection, as its local end sees it.</param>
    public int QueueOf(in SocketPair pair)
    {
        if (QueueCount == 1)
        {
            return 0;
        }

        // what WriteSpread loads: remote address, local address, then each port in the first bytes of a word
        Span<uint> words = stackalloc uint[10];
        int count = Write(pair.Remote, words);
        count += Write(pair.Local, words[count..]);
        if (Spread == QueueSpread.Connection)
        {
            words[count++] = PortWord(pair.RemotePort);
            words[count++] = PortWord(pair.LocalPort);
        }

        return JenkinsHash.Fold(words[..count], HashSeed, QueueCount);
    }

    private static int Write(IpAddressBits address, Span<uint> words)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(words);
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)address.Low);
            return 1;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, address.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], address.Low);
        return 4;
    }

    private static uint PortWord(ushort port)
    {
        Span<byte> bytes = [(byte)(port >> 8), (byte)port, 0, 0];
        return MemoryMarshal.Read<uint>(bytes);
    }
}
