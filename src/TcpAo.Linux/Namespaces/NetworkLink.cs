namespace TcpAo.Linux.Namespaces;

/// <summary>A network interface, as rtnetlink(7) tells of it.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What kind of virtual interface it is, such as <c>veth</c> or <c>vrf</c>; empty for others.</param>
/// <param name="Master">Index of the interface that it is enslaved to; 0 for none.</param>
public sealed record NetworkLink(int Index, string Name, string Kind, int Master)
{
    /// <summary>Whether it is the device of a VRF.</summary>
    public bool IsVrf => string.Equals(Kind, RouteUapi.VrfKind, StringComparison.Ordinal);
}
