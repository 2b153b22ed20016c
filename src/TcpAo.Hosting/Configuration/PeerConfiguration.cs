using TcpAo.Connections;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>A peer of the configuration: whom it means, which keys it uses and how strict we are (docs/reference/configuration.md).</summary>
public sealed record PeerConfiguration
{
    /// <summary>How people know the peer; unique.</summary>
    public required string Name { get; init; }

    /// <summary>The peer's address or prefix as seen on the wire, or <c>any</c>.</summary>
    public required IpPrefix Remote { get; init; }

    /// <summary>Our address or prefix as seen on the wire, or <c>any</c>.</summary>
    public IpPrefix Local { get; init; }

    /// <summary>A port or range that is at either end, or <c>any</c>. Never set together with the other two.</summary>
    public PortMatch Port { get; init; }

    /// <summary>A port or range at our end, or <c>any</c>.</summary>
    public PortMatch LocalPort { get; init; }

    /// <summary>A port or range at the peer's end, or <c>any</c>.</summary>
    public PortMatch RemotePort { get; init; }

    /// <summary>The interface that leads to the peer; null for all.</summary>
    public string? Interface { get; init; }

    /// <summary>The VRF that the connection is in; null for any and none.</summary>
    public string? Vrf { get; init; }

    /// <summary>The keys.</summary>
    public required KeyChain KeyChain { get; init; }

    /// <summary>How strict we are.</summary>
    public PeerMode Mode { get; init; } = PeerMode.Required;

    /// <summary>Whether ICMP hard errors may end connections to the peer .</summary>
    public bool AcceptIcmps { get; init; }

    /// <summary>What happens to a signed segment whose KeyID no key has.</summary>
    public UnknownKeyAction UnknownKey { get; init; } = UnknownKeyAction.Drop;

    /// <summary>Whether a signed segment on an unsigned connection is refused .</summary>
    public bool RejectUnexpected { get; init; } = true;

    /// <summary>Whether the key that we sign with stays although the peer asks for another.</summary>
    public bool LockCurrentKey { get; init; }

    /// <summary>Whether the key that we ask for stays although lifetimes ask for another.</summary>
    public bool LockRNextKey { get; init; }

    /// <summary>What becomes of our connections with the peer when no key may sign .</summary>
    public NoKeyAction OnNoKey { get; init; } = NoKeyAction.Reject;

    /// <summary>Whether a NAT changes our address and port on the path (RFC 6978).</summary>
    public bool LocalNat { get; init; }

    /// <summary>Whether a NAT changes the peer's address and port on the path (RFC 6978).</summary>
    public bool RemoteNat { get; init; }

    /// <summary>Whether <see cref="Interface"/> is part of the peer's address: a link-local one means another host on each interface (RFC 4007).</summary>
    public bool IsScoped
    {
        get
        {
            // fe80::/10
            const int LinkLocalLength = 10;
            return Interface is not null && Remote.Address.IsLinkLocal && Remote.PrefixLength >= LinkLocalLength;
        }
    }

    /// <summary>Name of the interface or VRF that tells the peer from others of its address; null for none.</summary>
    public string? Scope => IsScoped ? Interface : Vrf;

    /// <summary>The connections that the peer covers; two matches where <see cref="Port"/> may be at either end.</summary>
    /// <param name="scope">Number of <see cref="Scope"/>; null where that is left aside.</param>
    public ConnectionMatch[] Matches(int? scope = null) => Port.IsAny
        ? [new ConnectionMatch(Remote, Local, RemotePort, LocalPort, scope)]
        : [new ConnectionMatch(Remote, Local, Port, PortMatch.Any, scope), new ConnectionMatch(Remote, Local, PortMatch.Any, Port, scope)];

    /// <summary>Where the peer stands in the file: line from 1.</summary>
    public int Line { get; init; }

    /// <summary>Where the peer stands in the file: column from 1.</summary>
    public int Column { get; init; }
}
