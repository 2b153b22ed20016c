using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// The connection identifier of a master key tuple or the reach of a policy's peer: which socket pairs it is for
/// (RFC 5925 section 3.1, R-011). Local is our end, remote the peer's.
/// </summary>
/// <param name="Remote">The peer's addresses.</param>
/// <param name="Local">Our addresses, of the same family unless either is any.</param>
/// <param name="RemotePort">The peer's ports.</param>
/// <param name="LocalPort">Our ports.</param>
/// <param name="Vrf">Index of the L3 master device or, for link-local peers, of the interface, 0 for none; null matches every VRF, as a Linux key without IFINDEX.</param>
/// <exception cref="ArgumentException">One address is IPv4 and the other IPv6: no connection is like that.</exception>
public sealed record ConnectionMatch(IpPrefix Remote, IpPrefix Local, PortMatch RemotePort, PortMatch LocalPort, int? Vrf = null)
{
    /// <summary>Every connection.</summary>
    public static ConnectionMatch Any { get; } = new(default, default, default, default);

    /// <summary>The peer's addresses.</summary>
    public IpPrefix Remote { get; } = Remote;

    /// <summary>Our addresses.</summary>
    public IpPrefix Local { get; } = Remote.IsAny || Local.IsAny || Remote.Family == Local.Family
        ? Local
        : throw new ArgumentException($"The remote {Remote} and the local {Local} are of different families.", nameof(Local));

    /// <summary>Which family the connections are of: one end's is the other's.</summary>
    public IpFamily Family => Remote.IsAny ? Local.Family : Remote.Family;

    /// <summary>
    /// How specific the match is, greater is more: longest remote prefix, then longest local prefix, then fewest pairs of
    /// ports, then bound to a VRF before unbound. 50 bits.
    /// </summary>
    internal long Specificity
    {
        get
        {
            long portPairs = (long)RemotePort.Width * LocalPort.Width;
            return ((long)Remote.Rank << 42) | ((long)Local.Rank << 34) | (((1L << 32) - portPairs) << 1) | (Vrf is null ? 0L : 1L);
        }
    }

    /// <summary>Whether the connection is one of them.</summary>
    public bool Matches(in SocketPair pair) =>
        Remote.Contains(pair.Remote)
        && Local.Contains(pair.Local)
        && RemotePort.Contains(pair.RemotePort)
        && LocalPort.Contains(pair.LocalPort)
        && (Vrf is null || Vrf == pair.Vrf);

    /// <summary>Whether some connection is in both; ids may then not be equal .</summary>
    public bool Overlaps(ConnectionMatch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Family == IpFamily.Any || other.Family == IpFamily.Any || Family == other.Family)
            && Remote.Overlaps(other.Remote)
            && Local.Overlaps(other.Local)
            && RemotePort.Overlaps(other.RemotePort)
            && LocalPort.Overlaps(other.LocalPort)
            && (Vrf is null || other.Vrf is null || Vrf == other.Vrf);
    }

    /// <summary>Text such as <c>remote 192.0.2.1 port 179, local any port any</c>; the VRF only if bound to one.</summary>
    public override string ToString() =>
        $"remote {Remote} port {RemotePort}, local {Local} port {LocalPort}" + (Vrf is null ? "" : $", vrf {Vrf}");
}
