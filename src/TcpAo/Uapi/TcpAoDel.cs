using System.Buffers.Binary;
using Layout = TcpAo.Uapi.UapiLayout.TcpAoDel;

namespace TcpAo.Uapi;

/// <summary>
/// What TCP_AO_DEL_KEY takes: <c>struct tcp_ao_del</c>. A view: it reads and writes the caller's bytes, in the layout that 32-bit and 64-bit programs share.
/// </summary>
public readonly ref struct TcpAoDel
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = Layout.Size;

    private readonly Span<byte> _bytes;

    /// <summary>A view of the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentException">Fewer bytes.</exception>
    public TcpAoDel(Span<byte> bytes)
    {
        if (bytes.Length < Size)
        {
            throw new ArgumentException($"A tcp_ao_del has {Size} bytes.", nameof(bytes));
        }

        _bytes = bytes[..Size];
    }

    /// <summary>Whom it is for: the peer, or the first address of a prefix.</summary>
    public SockAddr Address
    {
        get => SockAddr.TryRead(_bytes.Slice(Layout.Addr, SockAddr.StorageSize), out SockAddr address) ? address : default;
        set => value.Write(_bytes.Slice(Layout.Addr, SockAddr.StorageSize));
    }

    /// <summary>Index of the L3 master device that the key is bound to; only with <see cref="AoKeyFlags.InterfaceIndex"/>.</summary>
    public int InterfaceIndex
    {
        get => BinaryPrimitives.ReadInt32LittleEndian(_bytes[Layout.Ifindex..]);
        set => BinaryPrimitives.WriteInt32LittleEndian(_bytes[Layout.Ifindex..], value);
    }

    /// <summary>Make the key with SendID <see cref="CurrentKey"/> current_key before.</summary>
    public bool SetCurrent
    {
        get => UapiBits.Get32(BitFields, 0);
        set => UapiBits.Set32(BitFields, 0, value);
    }

    /// <summary>Make the key with RecvID <see cref="RNext"/> rnext_key before.</summary>
    public bool SetRNext
    {
        get => UapiBits.Get32(BitFields, 1);
        set => UapiBits.Set32(BitFields, 1, value);
    }

    /// <summary>Do not wait and do not check; for listeners only.</summary>
    public bool Async
    {
        get => UapiBits.Get32(BitFields, 2);
        set => UapiBits.Set32(BitFields, 2, value);
    }

    /// <summary>Bits of the prefix: 0 for every peer, 32 or 128 for a host.</summary>
    public byte PrefixLength
    {
        get => _bytes[Layout.Prefix];
        set => _bytes[Layout.Prefix] = value;
    }

    /// <summary>SendID: the KeyID of what we sign .</summary>
    public byte SendId
    {
        get => _bytes[Layout.Sndid];
        set => _bytes[Layout.Sndid] = value;
    }

    /// <summary>RecvID: the KeyID of what we verify .</summary>
    public byte ReceiveId
    {
        get => _bytes[Layout.Rcvid];
        set => _bytes[Layout.Rcvid] = value;
    }

    /// <summary>SendID of the key that takes the place as current_key.</summary>
    public byte CurrentKey
    {
        get => _bytes[Layout.CurrentKey];
        set => _bytes[Layout.CurrentKey] = value;
    }

    /// <summary>RecvID of the key that takes the place as rnext_key.</summary>
    public byte RNext
    {
        get => _bytes[Layout.Rnext];
        set => _bytes[Layout.Rnext] = value;
    }

    /// <summary>Flags of the key.</summary>
    public AoKeyFlags KeyFlags
    {
        get => (AoKeyFlags)_bytes[Layout.Keyflags];
        set => _bytes[Layout.Keyflags] = (byte)value;
    }

    /// <summary>Where the bit-fields are.</summary>
    internal Span<byte> BitFields => _bytes[Layout.Bits..];

    /// <summary>Whether something is set that Linux reserves.</summary>
    internal bool HasReserved => UapiBits.Reserved32(BitFields, 3) || BinaryPrimitives.ReadUInt16LittleEndian(_bytes[Layout.Reserved2..]) != 0;

    /// <summary>The address as one of the socket's family, whatever it says that it is.</summary>
    internal SockAddr AddressAs(SocketFamily family) => SockAddr.ReadAs(family, _bytes[Layout.Addr..]);
}
