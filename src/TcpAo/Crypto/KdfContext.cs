// RFC 5925 section 5.2: the context that the KDF mixes with the master key.
//
//   IPv4, 20 bytes                     IPv6, 44 bytes
//   +----------+----------+                    the same with addresses of 16 bytes
//   | source address      |  0
//   | destination address |  4
//   | source port         |  8
//   | destination port    | 10
//   | source ISN          | 12
//   | destination ISN     | 16   zero for a SYN without ACK
//   +---------------------+

using System.Buffers.Binary;
using TcpAo.Keys;

namespace TcpAo.Crypto;

/// <summary>Writes the KDF context of one direction of a connection (RFC 5925 section 5.2).</summary>
internal static class KdfContext
{
    /// <summary>Bytes of the longest context, that of IPv6.</summary>
    public const int MaxLength = 44;

    /// <summary>Writes the context and returns its length, 20 or 44.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="flow">Addresses and ports from the sender to the receiver of the segment.</param>
    /// <param name="sourceIsn">The sender's ISN.</param>
    /// <param name="destinationIsn">The receiver's ISN, zero for a SYN.</param>
    public static int Write(Span<byte> destination, in SegmentFlow flow, uint sourceIsn, uint destinationIsn)
    {
        int at = WriteAddress(destination, flow.Source, flow.IsIPv4);
        at += WriteAddress(destination[at..], flow.Destination, flow.IsIPv4);
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], flow.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], flow.DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(destination[(at + 4)..], sourceIsn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[(at + 8)..], destinationIsn);
        return at + 12;
    }

    /// <summary>Writes an address in the form of its family and returns its length, 4 or 16.</summary>
    internal static int WriteAddress(Span<byte> destination, IpAddressBits address, bool isIPv4)
    {
        if (isIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)address.Low);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, address.High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], address.Low);
        return 16;
    }
}
