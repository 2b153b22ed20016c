// Options that a signed connection does without: Fast Open (RFC 7413) and Multipath TCP (RFC 8684).
using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>
/// Takes Fast Open's and Multipath TCP's options out of a segment. Neither fits beside TCP-AO and timestamps in every segment that it needs, and one that
/// fits in some of them only would leave the two ends with different views; without it in the SYN both fall back to plain TCP.
/// </summary>
internal static class GivenUpOptions
{
    // RFC 7413 appendix B: before kind 34 there was an experimental option
    private const byte ExperimentalKind = 254;
    private const ushort ExperimentalFastOpen = 0xF989;

    /// <summary>Whether there is one of them.</summary>
    public static bool IsIn(ReadOnlySpan<byte> options) => TryFind(options, out _);

    /// <summary>Removes all of them; the packet must have parsed.</summary>
    /// <param name="buffer">The packet.</param>
    /// <param name="length">Length of the packet, before and after.</param>
    /// <param name="hadMultipath">Whether an option of Multipath TCP was among them.</param>
    /// <param name="hadFastOpen">Whether one of Fast Open was.</param>
    /// <returns><see cref="DropReason.None"/>, or why the packet cannot be read.</returns>
    public static DropReason Remove(Span<byte> buffer, ref int length, out bool hadMultipath, out bool hadFastOpen)
    {
        hadMultipath = false;
        hadFastOpen = false;
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return reason;
        }

        Span<byte> scratch = stackalloc byte[OptionList.Capacity];
        var list = new OptionList(scratch, packet.Options);
        while (TryFind(list.Bytes, out TcpOption option))
        {
            bool isMultipath = option.Kind == TcpOptionKind.MultipathTcp;
            hadMultipath |= isMultipath;
            hadFastOpen |= !isMultipath;
            list.RemoveAt(option.Offset, option.Bytes.Length);
        }

        return TcpPacketEditor.Replace(buffer, ref length, packet, list.Bytes);
    }

    private static bool TryFind(ReadOnlySpan<byte> options, out TcpOption found)
    {
        foreach (TcpOption option in new TcpOptionEnumerator(options))
        {
            if (option.Kind is TcpOptionKind.MultipathTcp or TcpOptionKind.FastOpenCookie
                || ((byte)option.Kind == ExperimentalKind && option.Bytes.Length >= 4 && BinaryPrimitives.ReadUInt16BigEndian(option.Bytes[2..]) == ExperimentalFastOpen))
            {
                found = option;
                return true;
            }
        }

        found = default;
        return false;
    }
}
