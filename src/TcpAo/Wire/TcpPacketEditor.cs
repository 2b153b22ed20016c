// RFC 5925 section 2.2 (the option), R-034 and R-083 to R-086 (where it goes and what makes room), RFC 2385 section 3 (TCP
// MD5), RFC 1624 (checksums). Computes no MAC; knows no keys. Segmentation of what grew beyond the MTU is not done here.
using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>
/// Edits a packet in place: options come and go, lengths and checksums follow (RFC 9293 section 3.1). The packet lies at
/// the start of a buffer that may have room behind it. A method that refuses leaves packet and length untouched.
/// </summary>
/// <remarks>
/// Checksums are updated from what changed (RFC 1624): one that was right stays right, one that was wrong stays wrong, and
/// one that offload has yet to finish must be computed anew with <see cref="RewriteTcpChecksum"/>.
/// </remarks>
public static class TcpPacketEditor
{
    private const int BaseHeaderLength = 20;
    private const int IPv6HeaderLength = 40;
    private const int TcpChecksumOffset = 16;
    private const int AoFixedLength = 4;
    private const int Md5Length = 18;
    private const int MssLength = 4;
    private const byte Nop = (byte)TcpOptionKind.NoOperation;

    /// <summary>
    /// Inserts TCP-AO as the first option, MAC zero, with NOPs behind it up to a multiple of four as Linux does (R-001,
    /// Where the header has no room, trailing SACK blocks are given up, then padding.
    /// </summary>
    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="length">Length of the packet, before and after.</param>
    /// <param name="macLength">Length of the MAC, 0 or more.</param>
    /// <param name="keyId">KeyID .</param>
    /// <param name="rnextKeyId">RNextKeyID .</param>
    /// <param name="aoOffset">Where the option is in the buffer; the MAC goes four bytes behind. 0 after a refusal.</param>
    /// <returns>
    /// <see cref="DropReason.None"/>; <see cref="DropReason.AoDuplicate"/> or <see cref="DropReason.AoWithMd5"/> where an
    /// authentication option is there already; <see cref="DropReason.OptionSpace"/>;
    /// <see cref="DropReason.BufferTooSmall"/>; or why the packet cannot be read.
    /// </returns>
    public static DropReason InsertAo(Span<byte> buffer, ref int length, int macLength, byte keyId, byte rnextKeyId, out int aoOffset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(macLength);
        aoOffset = 0;
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason == DropReason.None)
        {
            reason = packet.HasAo ? DropReason.AoDuplicate
                : packet.HasMd5 ? DropReason.AoWithMd5
                : macLength > OptionList.Capacity - AoFixedLength ? DropReason.OptionSpace
                : DropReason.None;
        }

        if (reason != DropReason.None)
        {
            return reason;
        }

        int optionLength = AoFixedLength + macLength;
        Span<byte> block = stackalloc byte[OptionList.Capacity];
        block.Clear();
        block[0] = (byte)TcpOptionKind.TcpAo;
        block[1] = (byte)optionLength;
        block[2] = keyId;
        block[3] = rnextKeyId;
        block = block[..((optionLength + 3) & ~3)];
        block[optionLength..].Fill(Nop);
        return Insert(buffer, ref length, packet, block, 0..optionLength, out aoOffset);
    }

    /// <summary>Inserts TCP MD5 as the first option, digest zero, behind two NOPs as Linux does (RFC 2385 section 3).</summary>
    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="length">Length of the packet, before and after.</param>
    /// <param name="md5Offset">Where the option is in the buffer; the digest goes two bytes behind. 0 after a refusal.</param>
    /// <returns>As <see cref="InsertAo"/>, with <see cref="DropReason.Md5Duplicate"/> in place of AoDuplicate.</returns>
    public static DropReason InsertMd5(Span<byte> buffer, ref int length, out int md5Offset)
    {
        md5Offset = 0;
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason == DropReason.None)
        {
            reason = packet.HasMd5 ? DropReason.Md5Duplicate
                : packet.HasAo ? DropReason.AoWithMd5
                : DropReason.None;
        }

        if (reason != DropReason.None)
        {
            return reason;
        }

        Span<byte> block = stackalloc byte[2 + Md5Length];
        block.Clear();
        block[..2].Fill(Nop);
        block[2] = (byte)TcpOptionKind.Md5Signature;
        block[3] = Md5Length;
        return Insert(buffer, ref length, packet, block, 2..block.Length, out md5Offset);
    }

    /// <summary>
    /// Removes every option of a kind with the NOPs that pad it to a multiple of four; where there are none such, the
    /// header is padded with NOPs at its end (RFC 9293 section 3.1).
    /// </summary>
    /// <param name="buffer">The packet.</param>
    /// <param name="length">Length of the packet, before and after; unchanged where it has no such option.</param>
    /// <param name="kind">Any kind but end-of-list and NOP.</param>
    /// <returns><see cref="DropReason.None"/>, also where there is no such option, or why the packet cannot be read.</returns>
    public static DropReason RemoveOption(Span<byte> buffer, ref int length, TcpOptionKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual((byte)kind, Nop, nameof(kind));
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None || !OptionList.TryFind(packet.Options, kind, out _, out _))
        {
            return reason;
        }

        Span<byte> scratch = stackalloc byte[OptionList.Capacity];
        var list = new OptionList(scratch, packet.Options);
        while (OptionList.TryFind(list.Bytes, kind, out int offset, out int optionLength))
        {
            list.RemoveAt(offset, optionLength);
        }

        return Replace(buffer, ref length, packet, list.Bytes);
    }

    /// <summary>Overwrites every option of a kind with NOPs; no length changes (RFC 9293 section 3.2).</summary>
    /// <param name="buffer">The packet.</param>
    /// <param name="length">Length of the packet.</param>
    /// <param name="kind">Any kind but end-of-list and NOP.</param>
    /// <returns><see cref="DropReason.None"/>, also where there is no such option, or why the packet cannot be read.</returns>
    public static DropReason BlankOption(Span<byte> buffer, int length, TcpOptionKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual((byte)kind, Nop, nameof(kind));
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return reason;
        }

        Span<byte> nops = stackalloc byte[OptionList.Capacity];
        nops.Fill(Nop);
        Span<byte> segment = buffer[packet.TcpOffset..packet.Bytes.Length];
        while (OptionList.TryFind(packet.Options, kind, out int offset, out int optionLength))
        {
            Overwrite(segment, BaseHeaderLength + offset, nops[..optionLength]);
        }

        return DropReason.None;
    }

    /// <summary>Puts another value into the MSS option of a SYN (RFC 9293 section 3.7.1, R-086).</summary>
    /// <param name="buffer">The packet.</param>
    /// <param name="length">Length of the packet.</param>
    /// <param name="mss">The value.</param>
    /// <returns>False where the packet cannot be read, is no SYN or has no MSS option; it is untouched then.</returns>
    public static bool SetMss(Span<byte> buffer, int length, ushort mss)
    {
        if (TcpPacket.TryParse(buffer[..length], out TcpPacket packet) != DropReason.None || !TryFindMss(packet, out int offset))
        {
            return false;
        }

        Span<byte> value = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(value, mss);
        Overwrite(buffer[packet.TcpOffset..packet.Bytes.Length], BaseHeaderLength + offset + 2, value);
        return true;
    }

    /// <summary>Inserts an MSS option as the first one of a SYN that has none (RFC 9293 section 3.7.1).</summary>
    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="length">Length of the packet, before and after.</param>
    /// <param name="mss">The value.</param>
    /// <returns>As <see cref="InsertAo"/>.</returns>
    public static DropReason InsertMss(Span<byte> buffer, ref int length, ushort mss)
    {
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return reason;
        }

        Span<byte> block = stackalloc byte[MssLength];
        block[0] = (byte)TcpOptionKind.MaximumSegmentSize;
        block[1] = MssLength;
        BinaryPrimitives.WriteUInt16BigEndian(block[2..], mss);
        return Insert(buffer, ref length, packet, block, 0..MssLength, out _);
    }

    /// <summary>Reads the MSS option of a SYN (RFC 9293 section 3.7.1).</summary>
    /// <returns>False where the packet cannot be read, is no SYN or has no MSS option.</returns>
    public static bool TryGetMss(ReadOnlySpan<byte> buffer, int length, out ushort mss)
    {
        mss = 0;
        return TcpPacket.TryParse(buffer[..length], out TcpPacket packet) == DropReason.None && TryGetMss(packet, out mss);
    }

    /// <summary>Reads the MSS option of a SYN (RFC 9293 section 3.7.1).</summary>
    /// <returns>False where the packet is no SYN or has no MSS option.</returns>
    public static bool TryGetMss(in TcpPacket packet, out ushort mss)
    {
        bool isFound = TryFindMss(packet, out int offset);
        mss = isFound ? BinaryPrimitives.ReadUInt16BigEndian(packet.Options[(offset + 2)..]) : (ushort)0;
        return isFound;
    }

    /// <summary>
    /// Brings the MAC or digest into the checksum: to be called once, after it was written over the zeros of
    /// <see cref="InsertAo"/> or <see cref="InsertMd5"/>.
    /// </summary>
    /// <returns><see cref="DropReason.None"/>, or why the packet cannot be read.</returns>
    public static DropReason FinishChecksum(Span<byte> buffer, int length)
    {
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return reason;
        }

        ushort added = packet.HasAo ? InternetChecksum.SumAt(packet.Mac, packet.AoOffset)
            : packet.HasMd5 ? InternetChecksum.SumAt(packet.Md5Digest, packet.Md5Offset)
            : (ushort)0;
        UpdateChecksum(buffer[(packet.TcpOffset + TcpChecksumOffset)..], 0, added);
        return DropReason.None;
    }

    /// <summary>
    /// Computes the TCP checksum from the whole segment (RFC 9293 section 3.1): for a packet whose checksum was left to
    /// offload, or is not to be trusted.
    /// </summary>
    /// <returns><see cref="DropReason.None"/>, or why the packet cannot be read.</returns>
    public static DropReason RewriteTcpChecksum(Span<byte> buffer, int length)
    {
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason == DropReason.None)
        {
            BinaryPrimitives.WriteUInt16BigEndian(buffer[(packet.TcpOffset + TcpChecksumOffset)..], InternetChecksum.ComputeTcp(packet));
        }

        return reason;
    }

    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="length">Length of the packet.</param>
    /// <param name="packet">The packet, parsed.</param>
    /// <param name="block">The option with its padding, a multiple of four.</param>
    /// <param name="option">Where the option itself is in the block.</param>
    /// <param name="optionOffset">Where it came to be in the buffer.</param>
    private static DropReason Insert(
        Span<byte> buffer, ref int length, scoped in TcpPacket packet, scoped ReadOnlySpan<byte> block, Range option, out int optionOffset)
    {
        optionOffset = 0;
        Span<byte> scratch = stackalloc byte[OptionList.Capacity];
        var list = new OptionList(scratch, packet.Options);
        while (!list.HasRoom(block.Length) && list.GiveUpSackBlock())
        {
            // one block after the other, from the last.
        }

        int place = option.Start.Value;
        if (!list.HasRoom(block.Length))
        {
            list.Squeeze();
            if (!list.HasRoom(block.Length))
            {
                block = block[option];
                place = 0;
            }

            if (!list.HasRoom(block.Length))
            {
                return DropReason.OptionSpace;
            }
        }

        list.Prepend(block);
        list.Pad();
        int offset = packet.TcpOffset + BaseHeaderLength + place;
        DropReason reason = Replace(buffer, ref length, packet, list.Bytes);
        optionOffset = reason == DropReason.None ? offset : 0;
        return reason;
    }

    /// <summary>Puts other options into the header, moves the payload and repairs lengths and checksums.</summary>
    internal static DropReason Replace(Span<byte> buffer, ref int length, scoped in TcpPacket packet, scoped ReadOnlySpan<byte> options)
    {
        int oldLength = packet.Bytes.Length;
        int growth = options.Length - packet.Options.Length;
        int newLength = oldLength + growth;
        int unmeasured = packet.IsIPv6 ? IPv6HeaderLength : 0;
        if (newLength > buffer.Length || newLength - unmeasured > ushort.MaxValue)
        {
            return DropReason.BufferTooSmall;
        }

        // From here on the view is read only for what the moves leave alone.
        bool isIPv6 = packet.IsIPv6;
        int payloadOffset = packet.PayloadOffset;
        int tcpOffset = packet.TcpOffset;
        int segmentLength = packet.SegmentLength;
        ushort oldSum = SumOfEdited(buffer, tcpOffset, packet.Options, segmentLength);

        buffer[payloadOffset..oldLength].CopyTo(buffer[(payloadOffset + growth)..]);
        options.CopyTo(buffer[(tcpOffset + BaseHeaderLength)..]);
        int words = (BaseHeaderLength + options.Length) / 4;
        buffer[tcpOffset + 12] = (byte)((words << 4) | (buffer[tcpOffset + 12] & 0x0F));

        ushort newSum = SumOfEdited(buffer, tcpOffset, options, segmentLength + growth);
        UpdateChecksum(buffer[(tcpOffset + TcpChecksumOffset)..], oldSum, newSum);
        if (isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], (ushort)(newLength - IPv6HeaderLength));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)newLength);
            UpdateChecksum(buffer[10..], (ushort)oldLength, (ushort)newLength);
        }

        length = newLength;
        return DropReason.None;
    }

    /// <summary>What an edit of the options changes in the sum: the options, the word with the data offset, the length in the pseudo-header.</summary>
    private static ushort SumOfEdited(Span<byte> buffer, int tcpOffset, ReadOnlySpan<byte> options, int segmentLength)
    {
        ushort sum = InternetChecksum.Sum(options, (ushort)segmentLength);
        return InternetChecksum.Sum(buffer.Slice(tcpOffset + 12, 2), sum);
    }

    private static void Overwrite(Span<byte> segment, int offset, scoped ReadOnlySpan<byte> bytes)
    {
        Span<byte> target = segment.Slice(offset, bytes.Length);
        ushort oldSum = InternetChecksum.SumAt(target, offset);
        bytes.CopyTo(target);
        UpdateChecksum(segment[TcpChecksumOffset..], oldSum, InternetChecksum.SumAt(bytes, offset));
    }

    private static void UpdateChecksum(Span<byte> field, ushort oldSum, ushort newSum) =>
        BinaryPrimitives.WriteUInt16BigEndian(
            field, InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(field), oldSum, newSum));

    private static bool TryFindMss(in TcpPacket packet, out int offset)
    {
        offset = 0;
        return (packet.Flags & TcpFlags.Syn) != TcpFlags.None
            && OptionList.TryFind(packet.Options, TcpOptionKind.MaximumSegmentSize, out offset, out int length)
            && length == 4;
    }
}
