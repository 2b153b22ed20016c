using TcpAo.Keys;

namespace TcpAo;

/// <summary>What a caller knows of a segment beside its bytes.</summary>
/// <param name="Time">When it is.</param>
/// <param name="Vrf">Index of the L3 master device that the segment came in or goes out by, 0 for none.</param>
/// <param name="RouteMtu">MTU of the route to the peer in bytes, 0 where it is not known; asked for with a SYN that arrives, and with what leaves where nobody behind tells the stack that it is too long.</param>
/// <param name="Interface">Index of the interface that the segment came in or goes out by, 0 where it is not known. Counts where the peer's address is link-local.</param>
public readonly record struct SegmentContext(EngineTime Time, int Vrf = 0, int RouteMtu = 0, int Interface = 0)
{
    /// <summary>What tells connections with equal addresses and ports apart: the interface of a link-local peer (RFC 4007 section 6), else the VRF.</summary>
    internal int ScopeOf(IpAddressBits remote) => Interface != 0 && remote.IsLinkLocal ? Interface : Vrf;
}
