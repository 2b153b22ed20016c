using System.Net;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Linux.Sockets;

/// <summary>A TCP MD5 key for a socket (RFC 2385), for peers that have no TCP-AO. One peer has keys of one kind .</summary>
/// <param name="peer">Whom it is for, as for a <see cref="TcpAoKey"/>.</param>
/// <param name="secret">The password. The socket takes a copy; the caller keeps it, and erases it.</param>
public sealed class TcpMd5Key(IpPrefix peer, Secret secret)
{
    /// <summary>A key for one peer.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="secret">The password. The socket takes a copy; the caller keeps it, and erases it.</param>
    public TcpMd5Key(IPAddress peer, Secret secret)
        : this(IpPrefix.Host(IpAddressBits.From(peer)), secret)
    {
    }

    /// <summary>Whom it is for.</summary>
    public IpPrefix Peer { get; } = peer;

    /// <summary>The password; it prints as <c>***</c>.</summary>
    public Secret Secret { get; } = secret ?? throw new ArgumentNullException(nameof(secret));

    /// <summary>Index of the VRF's device that it is for; null for all.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>Whom it is for; never the password.</summary>
    public override string ToString() => $"TCP MD5 key for {Peer}";
}
