using System.Buffers.Binary;
using System.Text;
using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>
/// What one rule with one hash set asks of a packet. Peers that differ in values only have one shape; a lookup is one probe,
/// however many there are. Prefixes are masked before the probe, so no set needs intervals.
/// </summary>
/// <param name="IsIPv6">The family.</param>
/// <param name="RemoteLength">Bits of the remote prefix; 0 is not in the key.</param>
/// <param name="LocalLength">Bits of the local prefix; 0 is not in the key.</param>
/// <param name="RemotePort">The peer's ports.</param>
/// <param name="LocalPort">Our ports.</param>
/// <param name="HasInterface">The interface's name is in the key.</param>
/// <param name="IsWithoutPorts">The traffic names ports that this shape leaves out: for fragments and irregular quotes.</param>
/// <param name="IsWithoutInterface">The traffic names an interface that this shape leaves out: for quotes, which come by any way.</param>
/// <param name="IsInVrf">Our addresses are not told from others': <see cref="ProtectedTraffic.IsInVrf"/>.</param>
internal readonly record struct NftShape(
    bool IsIPv6,
    int RemoteLength,
    int LocalLength,
    NftPortTest RemotePort,
    NftPortTest LocalPort,
    bool HasInterface,
    bool IsWithoutPorts = false,
    bool IsWithoutInterface = false,
    bool IsInVrf = false)
{
    public const int InterfaceLength = 16;

    private const int PortWord = 4;

    public int AddressLength => IsIPv6 ? 16 : 4;

    public int AddressBits => AddressLength * 8;

    /// <summary>A prefix, or any: whether it is one of our addresses has to be looked up, or transit would be queued.</summary>
    public bool NeedsLocalLookup => LocalLength != AddressBits && !IsInVrf;

    public bool NamesPorts => !RemotePort.IsAny || !LocalPort.IsAny;

    public int KeyLength =>
        (RemoteLength > 0 ? AddressLength : 0) + (LocalLength > 0 ? AddressLength : 0)
        + (RemotePort.IsInKey ? PortWord : 0) + (LocalPort.IsInKey ? PortWord : 0) + (HasInterface ? InterfaceLength : 0);

    /// <summary>Whether TCP segments are looked up by it.</summary>
    public bool IsForSegments => !IsWithoutPorts && !IsWithoutInterface;

    /// <summary>Whether fragments are looked up by it: addresses and interface.</summary>
    public bool IsForFragments => !NamesPorts && !IsWithoutInterface;

    /// <summary>Whether quoted TCP headers are looked up by it: addresses and ports.</summary>
    public bool IsForQuotes => !HasInterface && !IsWithoutPorts;

    /// <summary>Whether quotes whose ports are not where they use to be are looked up by it: addresses.</summary>
    public bool IsForIrregularQuotes => !HasInterface && !NamesPorts;

    public NftShape WithoutPorts => this with { RemotePort = NftPortTest.Any, LocalPort = NftPortTest.Any, IsWithoutPorts = NamesPorts };

    public NftShape WithoutInterface => this with { HasInterface = false, IsWithoutInterface = HasInterface || IsWithoutInterface };

    /// <summary>The key's type in the numbers of the nft program (TYPE_IPADDR and so on, six bits each), so that its listing reads well.</summary>
    public uint KeyType
    {
        get
        {
            uint address = IsIPv6 ? 8u : 7u;
            uint type = 0;
            type = RemoteLength > 0 ? address : type;
            type = LocalLength > 0 ? (type << 6) | address : type;
            type = RemotePort.IsInKey ? (type << 6) | 13 : type;
            type = LocalPort.IsInKey ? (type << 6) | 13 : type;
            return HasInterface ? (type << 6) | 41 : type;
        }
    }

    /// <summary>The key of a traffic's set element.</summary>
    public byte[] Key(ProtectedTraffic traffic, ushort remotePort, ushort localPort)
    {
        byte[] key = new byte[KeyLength];
        int at = 0;
        if (RemoteLength > 0)
        {
            at += WriteAddress(traffic.Match.Remote.Address, key.AsSpan(at));
        }

        if (LocalLength > 0)
        {
            at += WriteAddress(traffic.Match.Local.Address, key.AsSpan(at));
        }

        if (RemotePort.IsInKey)
        {
            BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(at), remotePort);
            at += PortWord;
        }

        if (LocalPort.IsInKey)
        {
            BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(at), localPort);
            at += PortWord;
        }

        if (HasInterface)
        {
            Encoding.UTF8.GetBytes(traffic.Interface!, key.AsSpan(at));
        }

        return key;
    }

    private int WriteAddress(IpAddressBits address, Span<byte> target)
    {
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(target, address.High);
            BinaryPrimitives.WriteUInt64BigEndian(target[8..], address.Low);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, (uint)address.Low);
        }

        return AddressLength;
    }
}
