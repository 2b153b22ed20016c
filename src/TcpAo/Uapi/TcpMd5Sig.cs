using System.Buffers.Binary;
using Layout = TcpAo.Uapi.UapiLayout.TcpMd5sig;

namespace TcpAo.Uapi;

/// <summary>
/// What TCP_MD5SIG and TCP_MD5SIG_EXT take: <c>struct tcp_md5sig</c> (RFC 2385). A view: it reads and writes the caller's bytes, in the layout that 32-bit and 64-bit programs share.
/// </summary>
public readonly ref struct TcpMd5Sig
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = Layout.Size;

    private readonly Span<byte> _bytes;

    /// <summary>A view of the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentException">Fewer bytes.</exception>
    public TcpMd5Sig(Span<byte> bytes)
    {
        if (bytes.Length < Size)
        {
            throw new ArgumentException($"A tcp_md5sig has {Size} bytes.", nameof(bytes));
        }

        _bytes = bytes[..Size];
    }

    /// <summary>Whom it is for.</summary>
    public SockAddr Address
    {
        get => SockAddr.TryRead(_bytes.Slice(Layout.TcpmAddr, SockAddr.StorageSize), out SockAddr address) ? address : default;
        set => value.Write(_bytes.Slice(Layout.TcpmAddr, SockAddr.StorageSize));
    }

    /// <summary>1: <see cref="PrefixLength"/> counts. 2: <see cref="InterfaceIndex"/> counts. With TCP_MD5SIG_EXT only.</summary>
    public byte Flags
    {
        get => _bytes[Layout.TcpmFlags];
        set => _bytes[Layout.TcpmFlags] = value;
    }

    /// <summary>Bits of the prefix.</summary>
    public byte PrefixLength
    {
        get => _bytes[Layout.TcpmPrefixlen];
        set => _bytes[Layout.TcpmPrefixlen] = value;
    }

    /// <summary>Index of an L3 master device.</summary>
    public int InterfaceIndex
    {
        get => BinaryPrimitives.ReadInt32LittleEndian(_bytes[Layout.TcpmIfindex..]);
        set => BinaryPrimitives.WriteInt32LittleEndian(_bytes[Layout.TcpmIfindex..], value);
    }

    /// <summary>Bytes of key, 0 to 80, 0 to take it out; more than that breaks the rules, and <see cref="Key"/> has 80 all the same.</summary>
    public ushort KeyLength
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[Layout.TcpmKeylen..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_bytes[Layout.TcpmKeylen..], value);
    }

    /// <summary>The key, <see cref="KeyLength"/> bytes. Whoever writes here erases afterwards.</summary>
    public Span<byte> Key => _bytes.Slice(Layout.TcpmKey, Math.Min(KeyLength, (ushort)UapiLayout.KeySize));

    /// <summary>The address as one of the socket's family, whatever it says that it is.</summary>
    internal SockAddr AddressAs(SocketFamily family) => SockAddr.ReadAs(family, _bytes[Layout.TcpmAddr..]);
}
