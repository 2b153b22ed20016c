using TcpAo.Fuzz.Seeds;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Engine;

/// <summary>Makes the segments of a conversation from three bytes each, so that mutations stay within one.</summary>
internal sealed class SegmentPlan(bool isIPv6)
{
    private static readonly TcpFlags[] s_flags =
    [
        TcpFlags.Ack,
        TcpFlags.Syn,
        TcpFlags.Syn | TcpFlags.Ack,
        TcpFlags.Ack | TcpFlags.Psh,
        TcpFlags.Ack | TcpFlags.Fin,
        TcpFlags.Rst,
        TcpFlags.Rst | TcpFlags.Ack,
        TcpFlags.None,
    ];

    private static readonly byte[][] s_options = [[], SeedPackets.Timestamps, [.. SeedPackets.Mss, 4, 2, 1, 1], [.. SeedPackets.Timestamps, .. SeedPackets.Sack]];
    private static readonly uint[] s_jumps = [0, 1, 2, 1000, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

    private uint _sequenceOfA = 0xFFFF_FF00;
    private uint _sequenceOfB = 0x10;

    /// <summary>The next segment of one end, unsigned.</summary>
    /// <param name="fromA">Whose.</param>
    /// <param name="kind">Flags (3 bits), options (2), port (1), whether its sequence numbers are used up (2).</param>
    /// <param name="jump">How far off the sequence number is (3 bits), and the acknowledgment (3).</param>
    /// <param name="payload">Bytes of data.</param>
    public byte[] Next(bool fromA, byte kind, byte jump, byte payload)
    {
        ref uint own = ref fromA ? ref _sequenceOfA : ref _sequenceOfB;
        uint other = fromA ? _sequenceOfB : _sequenceOfA;
        TcpFlags flags = s_flags[kind & 7];
        uint sequence = own + s_jumps[jump & 7];
        bool hasPort = (kind & 0x20) != 0;
        ushort client = (ushort)(hasPort ? 40001 : 40000);
        uint acknowledgment = (flags & TcpFlags.Ack) == TcpFlags.None ? 0 : other + s_jumps[(jump >> 3) & 7];
        byte[] segment = SeedPackets.Segment(
            s_options[(kind >> 3) & 3], new byte[payload % 64], flags, sequence, acknowledgment, fromA ? client : (ushort)179, fromA ? (ushort)179 : client);
        if ((kind & 0xC0) == 0)
        {
            own = sequence + (uint)(payload % 64) + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) == TcpFlags.None ? 0u : 1u);
        }

        return isIPv6 ? SeedPackets.IPv6(segment, isReply: !fromA) : SeedPackets.IPv4(segment, null, isReply: !fromA);
    }
}
