using System.Buffers.Binary;
using Layout = TcpAo.Uapi.UapiLayout.TcpAoInfoOpt;

namespace TcpAo.Uapi;

/// <summary>
/// What TCP_AO_INFO takes and gives: <c>struct tcp_ao_info_opt</c>. A view: it reads and writes the caller's bytes, in the layout that 32-bit and 64-bit programs share.
/// </summary>
public readonly ref struct TcpAoInfoOption
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = Layout.Size;

    private readonly Span<byte> _bytes;

    /// <summary>A view of the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentException">Fewer bytes.</exception>
    public TcpAoInfoOption(Span<byte> bytes)
    {
        if (bytes.Length < Size)
        {
            throw new ArgumentException($"A tcp_ao_info_opt has {Size} bytes.", nameof(bytes));
        }

        _bytes = bytes[..Size];
    }

    /// <summary>Set: take <see cref="CurrentKey"/>. Got: there is one.</summary>
    public bool SetCurrent
    {
        get => UapiBits.Get32(BitFields, 0);
        set => UapiBits.Set32(BitFields, 0, value);
    }

    /// <summary>Set: take <see cref="RNext"/>. Got: there is one.</summary>
    public bool SetRNext
    {
        get => UapiBits.Get32(BitFields, 1);
        set => UapiBits.Set32(BitFields, 1, value);
    }

    /// <summary>Refuse unsigned segments of every peer.</summary>
    public bool AoRequired
    {
        get => UapiBits.Get32(BitFields, 2);
        set => UapiBits.Set32(BitFields, 2, value);
    }

    /// <summary>Take the five counters.</summary>
    public bool SetCounters
    {
        get => UapiBits.Get32(BitFields, 3);
        set => UapiBits.Set32(BitFields, 3, value);
    }

    /// <summary>Let ICMP hard errors through .</summary>
    public bool AcceptIcmps
    {
        get => UapiBits.Get32(BitFields, 4);
        set => UapiBits.Set32(BitFields, 4, value);
    }

    /// <summary>SendID of current_key.</summary>
    public byte CurrentKey
    {
        get => _bytes[Layout.CurrentKey];
        set => _bytes[Layout.CurrentKey] = value;
    }

    /// <summary>RecvID of rnext_key.</summary>
    public byte RNext
    {
        get => _bytes[Layout.Rnext];
        set => _bytes[Layout.Rnext] = value;
    }

    /// <summary>Segments verified.</summary>
    public ulong Good
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[Layout.PktGood..]);
        set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes[Layout.PktGood..], value);
    }

    /// <summary>Segments with a wrong MAC or MAC length.</summary>
    public ulong Bad
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[Layout.PktBad..]);
        set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes[Layout.PktBad..], value);
    }

    /// <summary>Segments whose KeyID names no key.</summary>
    public ulong KeyNotFound
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[Layout.PktKeyNotFound..]);
        set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes[Layout.PktKeyNotFound..], value);
    }

    /// <summary>Unsigned segments refused.</summary>
    public ulong Required
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[Layout.PktAoRequired..]);
        set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes[Layout.PktAoRequired..], value);
    }

    /// <summary>ICMP hard errors ignored.</summary>
    public ulong DroppedIcmps
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[Layout.PktDroppedIcmp..]);
        set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes[Layout.PktDroppedIcmp..], value);
    }

    /// <summary>Where the bit-fields are.</summary>
    internal Span<byte> BitFields => _bytes[Layout.Bits..];

    /// <summary>Whether something is set that Linux reserves.</summary>
    internal bool HasReserved => UapiBits.Reserved32(BitFields, 5) || BinaryPrimitives.ReadUInt16LittleEndian(_bytes[Layout.Reserved2..]) != 0;
}
