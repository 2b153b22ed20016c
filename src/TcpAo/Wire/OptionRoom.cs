// RFC 9293 section 3.7.1 and RFC 6691: the MSS and the MTU say nothing of options; who adds one makes room for it.

using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>
/// Makes a local stack send less than fits, so that an option that it does not know of still goes in: through the MSS that it believes the peer
/// announced, and through the MTU in ICMP errors. What the peer is told does not change.
/// </summary>
public static class OptionRoom
{
    private const int IPv4Overhead = 40;
    private const int IPv6Overhead = 60;
    private const int DefaultMssIPv4 = 536;
    private const int DefaultMssIPv6 = 1220;

    // below it Linux' own limits take over
    private const int SmallestMss = 48;
    private const int SmallestMtu = 68;

    private const int IcmpChecksumOffset = 2;

    /// <summary>
    /// Lowers the MSS of a verified SYN or SYN-ACK to min(announced, or the default where none is; route MTU less the headers) less the option.
    /// </summary>
    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="length">Length of the packet, before and after: an MSS option is added where there is none.</param>
    /// <param name="verified">The option that was verified; it gives up its place where the header is full.</param>
    /// <param name="optionLength">Bytes to keep free, padding included.</param>
    /// <param name="routeMtu">MTU of the route to the peer, 0 where it is not known.</param>
    /// <returns>Whether the packet has such an MSS now. Where not, the default, which is small, is what the stack assumes.</returns>
    public static bool LowerMss(Span<byte> buffer, ref int length, TcpOptionKind verified, int optionLength, int routeMtu)
    {
        if (TcpPacket.TryParse(buffer[..length], out TcpPacket packet) != DropReason.None)
        {
            return false;
        }

        bool isIPv6 = packet.IsIPv6;
        bool isAnnounced = TcpPacketEditor.TryGetMss(packet, out ushort announced);
        int mss = isAnnounced ? announced : isIPv6 ? DefaultMssIPv6 : DefaultMssIPv4;
        if (routeMtu > 0)
        {
            mss = Math.Min(mss, routeMtu - (isIPv6 ? IPv6Overhead : IPv4Overhead));
        }

        ushort lowered = (ushort)Math.Max(mss - optionLength, SmallestMss);
        if (isAnnounced)
        {
            return announced <= lowered || TcpPacketEditor.SetMss(buffer, length, lowered);
        }

        if (TcpPacketEditor.InsertMss(buffer, ref length, lowered) == DropReason.None)
        {
            return true;
        }

        return TcpPacketEditor.RemoveOption(buffer, ref length, verified) == DropReason.None
            && TcpPacketEditor.InsertMss(buffer, ref length, lowered) == DropReason.None;
    }

    /// <summary>The MTU that an ICMPv4 "fragmentation needed" or an ICMPv6 "packet too big" names, 0 where it names none.</summary>
    internal static uint ReadMtu(ReadOnlySpan<byte> packet, in IcmpError error)
    {
        ReadOnlySpan<byte> icmp = packet[error.IcmpOffset..];
        return error.IsIPv6 ? BinaryPrimitives.ReadUInt32BigEndian(icmp[4..]) : BinaryPrimitives.ReadUInt16BigEndian(icmp[6..]);
    }

    /// <summary>Lowers the MTU in an ICMPv4 "fragmentation needed" or an ICMPv6 "packet too big" (RFC 1191 section 4, RFC 4443 section 3.2).</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="error">What <see cref="IcmpError.TryParse"/> read in it.</param>
    /// <param name="optionLength">Bytes to keep free.</param>
    /// <returns>Whether it named an MTU; one of zero is left to the stack's own guess.</returns>
    public static bool LowerMtu(Span<byte> packet, in IcmpError error, int optionLength)
    {
        uint mtu = ReadMtu(packet, error);
        if (mtu == 0)
        {
            return false;
        }

        Span<byte> icmp = packet[error.IcmpOffset..];
        Span<byte> field = error.IsIPv6 ? icmp.Slice(4, 4) : icmp.Slice(6, 2);
        Span<byte> before = stackalloc byte[4];
        before = before[..field.Length];
        field.CopyTo(before);
        uint lowered = mtu <= SmallestMtu + (uint)optionLength ? SmallestMtu : mtu - (uint)optionLength;
        if (error.IsIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(field, lowered);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)lowered);
        }

        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(icmp[IcmpChecksumOffset..]);
        for (int i = 0; i < field.Length; i += 2)
        {
            checksum = InternetChecksum.Update(checksum, BinaryPrimitives.ReadUInt16BigEndian(before[i..]), BinaryPrimitives.ReadUInt16BigEndian(field[i..]));
        }

        BinaryPrimitives.WriteUInt16BigEndian(icmp[IcmpChecksumOffset..], checksum);
        return true;
    }
}
