using System.Net;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Linux.Sockets;

/// <summary>
/// A key for a socket: a master key tuple of RFC 5925 section 3.1 as Linux has it. Immutable; the defaults are those of RFC 5926 and Linux.
/// </summary>
/// <param name="peer">Whom it is for: an address, a prefix, or on a socket of one family <see cref="IpPrefix.Any"/>. IPv4 peers of a dual-mode socket are IPv4 here too.</param>
/// <param name="sendId">The KeyID of segments that we sign: the peer's RecvID.</param>
/// <param name="recvId">The KeyID of segments that we verify: the peer's SendID.</param>
/// <param name="masterKey">The secret. The socket takes a copy; the caller keeps it, and erases it.</param>
/// <example><code>
/// using Secret secret = Secret.FromText(Environment.GetEnvironmentVariable("BGP_SECRET"));
/// socket.AddTcpAoKey(new TcpAoKey(IPAddress.Parse("192.0.2.2"), sendId: 1, recvId: 1, secret));
/// socket.Connect(IPAddress.Parse("192.0.2.2"), 179);
/// </code></example>
public sealed class TcpAoKey(IpPrefix peer, byte sendId, byte recvId, Secret masterKey)
{
    /// <summary>A key for one peer.</summary>
    /// <inheritdoc cref="TcpAoKey(IpPrefix, byte, byte, Secret)"/>
    public TcpAoKey(IPAddress peer, byte sendId, byte recvId, Secret masterKey)
        : this(IpPrefix.Host(IpAddressBits.From(peer)), sendId, recvId, masterKey)
    {
    }

    /// <summary>Whom it is for.</summary>
    public IpPrefix Peer { get; } = peer;

    /// <summary>The KeyID of segments that we sign.</summary>
    public byte SendId { get; } = sendId;

    /// <summary>The KeyID of segments that we verify.</summary>
    public byte RecvId { get; } = recvId;

    /// <summary>The secret; it prints as <c>***</c>.</summary>
    public Secret MasterKey { get; } = masterKey ?? throw new ArgumentNullException(nameof(masterKey));

    /// <summary>MAC and KDF: <see cref="MacAlgorithms.HmacSha1"/> unless set, or another that Linux has.</summary>
    public MacAlgorithm Algorithm { get; init; } = MacAlgorithms.HmacSha1;

    /// <summary>Bytes of MAC, 1 to 16; null is the algorithm's own. Linux takes less than the 4 bytes that a configuration may have.</summary>
    public int? MacLength
    {
        get;
        init
        {
            if (value is < 1 or > byte.MaxValue)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A MAC has 1 to 16 bytes.");
            }

            field = value;
        }
    }

    /// <summary>Whether the MAC covers the other TCP options; true unless set.</summary>
    public bool IncludeTcpOptions { get; init; } = true;

    /// <summary>Index of the VRF's device that the key is for; 0 for connections in none; null for all.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>The ports of our end that the key is for; a native kernel takes <see cref="PortMatch.Any"/> alone.</summary>
    public PortMatch LocalPorts { get; init; }

    /// <summary>The ports of the peer that the key is for; a native kernel takes <see cref="PortMatch.Any"/> alone.</summary>
    public PortMatch RemotePorts { get; init; }

    /// <summary>Whether to sign with it at once (current_key, R-057). Not on a listener.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>Whether to ask for it at once (rnext_key, R-057). Not on a listener.</summary>
    public bool IsRNext { get; init; }

    /// <summary>A key of a chain, for a peer. Lifetimes are for <see cref="TcpAoKeyManager"/> to keep: a socket's key has none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="peer">Whom it is for.</param>
    /// <param name="interfaceIndex">As <see cref="InterfaceIndex"/>.</param>
    public static TcpAoKey Of(AoKey key, IpPrefix peer, int? interfaceIndex = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new TcpAoKey(peer, key.SendId, key.RecvId, key.MasterKey)
        {
            Algorithm = key.Algorithm,
            MacLength = key.MacLength,
            IncludeTcpOptions = key.IncludeTcpOptions,
            InterfaceIndex = interfaceIndex,
        };
    }

    /// <summary>Ids, algorithm and peer; never the secret.</summary>
    public override string ToString() => $"key {SendId}/{RecvId} ({Algorithm.Name}) for {Peer}";
}
