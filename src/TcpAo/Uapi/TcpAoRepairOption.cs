using System.Buffers.Binary;
using Layout = TcpAo.Uapi.UapiLayout.TcpAoRepair;

namespace TcpAo.Uapi;

/// <summary>
/// What TCP_AO_REPAIR takes and gives: <c>struct tcp_ao_repair</c> (R-090). A view: it reads and writes the caller's bytes, in the layout that 32-bit and 64-bit programs share.
/// </summary>
public readonly ref struct TcpAoRepairOption
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = Layout.Size;

    private readonly Span<byte> _bytes;

    /// <summary>A view of the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentException">Fewer bytes.</exception>
    public TcpAoRepairOption(Span<byte> bytes)
    {
        if (bytes.Length < Size)
        {
            throw new ArgumentException($"A tcp_ao_repair has {Size} bytes.", nameof(bytes));
        }

        _bytes = bytes[..Size];
    }

    /// <summary>Our ISN; network order in the structure.</summary>
    public uint SendIsn
    {
        get => BinaryPrimitives.ReadUInt32BigEndian(_bytes[Layout.SntIsn..]);
        set => BinaryPrimitives.WriteUInt32BigEndian(_bytes[Layout.SntIsn..], value);
    }

    /// <summary>The peer's ISN; network order in the structure.</summary>
    public uint ReceiveIsn
    {
        get => BinaryPrimitives.ReadUInt32BigEndian(_bytes[Layout.RcvIsn..]);
        set => BinaryPrimitives.WriteUInt32BigEndian(_bytes[Layout.RcvIsn..], value);
    }

    /// <summary>SNE of what we send .</summary>
    public uint SendSne
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[Layout.SndSne..]);
        set => BinaryPrimitives.WriteUInt32LittleEndian(_bytes[Layout.SndSne..], value);
    }

    /// <summary>SNE of what we receive .</summary>
    public uint ReceiveSne
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[Layout.RcvSne..]);
        set => BinaryPrimitives.WriteUInt32LittleEndian(_bytes[Layout.RcvSne..], value);
    }
}
