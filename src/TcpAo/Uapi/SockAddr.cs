using System.Buffers.Binary;
using TcpAo.Keys;
using In = TcpAo.Uapi.UapiLayout.SockaddrIn;
using In6 = TcpAo.Uapi.UapiLayout.SockaddrIn6;

namespace TcpAo.Uapi;

/// <summary>A socket address: <c>sockaddr_in</c>, <c>sockaddr_in6</c>, or either of them in a <c>sockaddr_storage</c>.</summary>
/// <param name="Family">The family; another than the two named ones has no address here.</param>
/// <param name="Address">The address; IPv4 as its IPv4-mapped form.</param>
/// <param name="Port">The port, 0 to 65535.</param>
/// <param name="FlowInfo">IPv6's flow label and class, in network order as a number.</param>
/// <param name="ScopeId">IPv6's scope: an interface index for link-local addresses.</param>
public readonly record struct SockAddr(SocketFamily Family, IpAddressBits Address, ushort Port, uint FlowInfo = 0, uint ScopeId = 0)
{
    /// <summary>Bytes of a <c>sockaddr_storage</c>.</summary>
    public const int StorageSize = UapiLayout.StorageSize;

    /// <summary>Whether the address is the family's "any": <c>0.0.0.0</c> or <c>::</c>.</summary>
    public bool IsAnyAddress => IsAny(Address);

    /// <summary>The address of an interface or peer in the form that its own family has.</summary>
    public static SockAddr Of(IpAddressBits address, ushort port = 0) => new(address.IsIPv4 ? SocketFamily.Inet : SocketFamily.Inet6, address, port);

    /// <summary>Reads what the first two bytes say that it is.</summary>
    /// <param name="bytes">The bytes as the program has them.</param>
    /// <param name="address">The address, or the default after false.</param>
    /// <returns>False when there are fewer bytes than the family needs. A family that is not known is no reason: it has no address.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SockAddr address)
    {
        address = default;
        if (bytes.Length < sizeof(ushort))
        {
            return false;
        }

        var family = (SocketFamily)BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (bytes.Length < SizeOf(family))
        {
            return false;
        }

        address = ReadAs(family, bytes) with { Family = family };
        return true;
    }

    /// <summary>Writes the address and clears the rest of the buffer.</summary>
    /// <param name="bytes">At least as many as the family needs, 16 or 28; or a whole storage.</param>
    /// <exception cref="ArgumentException">Too few bytes.</exception>
    public void Write(Span<byte> bytes)
    {
        if (bytes.Length < SizeOf(Family))
        {
            throw new ArgumentException($"An address of this family takes {SizeOf(Family)} bytes.", nameof(bytes));
        }

        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Family);
        switch (Family)
        {
            case SocketFamily.Inet:
                BinaryPrimitives.WriteUInt16BigEndian(bytes[In.SinPort..], Port);
                BinaryPrimitives.WriteUInt32BigEndian(bytes[In.SinAddr..], (uint)Address.Low);
                break;
            case SocketFamily.Inet6:
                BinaryPrimitives.WriteUInt16BigEndian(bytes[In6.Sin6Port..], Port);
                BinaryPrimitives.WriteUInt32BigEndian(bytes[In6.Sin6Flowinfo..], FlowInfo);
                BinaryPrimitives.WriteUInt64BigEndian(bytes[In6.Sin6Addr..], Address.High);
                BinaryPrimitives.WriteUInt64BigEndian(bytes[(In6.Sin6Addr + sizeof(ulong))..], Address.Low);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[In6.Sin6ScopeId..], ScopeId);
                break;
            default:
                break;
        }
    }

    internal static bool IsAny(IpAddressBits address) => address.IsIPv4 ? (uint)address.Low == 0 : address == default;

    /// <summary>Reads the bytes as an address of a family, whatever they say: what Linux does where it knows the socket's.</summary>
    internal static SockAddr ReadAs(SocketFamily family, ReadOnlySpan<byte> bytes)
    {
        var said = (SocketFamily)BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return family switch
        {
            SocketFamily.Inet => new SockAddr(
                said,
                IpAddressBits.FromBytes(bytes.Slice(In.SinAddr, 4)),
                BinaryPrimitives.ReadUInt16BigEndian(bytes[In.SinPort..])),
            SocketFamily.Inet6 => new SockAddr(
                said,
                IpAddressBits.FromBytes(bytes.Slice(In6.Sin6Addr, 16)),
                BinaryPrimitives.ReadUInt16BigEndian(bytes[In6.Sin6Port..]),
                BinaryPrimitives.ReadUInt32BigEndian(bytes[In6.Sin6Flowinfo..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[In6.Sin6ScopeId..])),
            _ => new SockAddr(said, default, 0),
        };
    }

    private static int SizeOf(SocketFamily family) => family switch
    {
        SocketFamily.Inet => In.Size,
        SocketFamily.Inet6 => In6.Size,
        _ => sizeof(ushort),
    };
}
