namespace TcpAo.DataPlane.Tests.Support;

/// <summary>What tells two peers of one address apart.</summary>
public enum Twins
{
    /// <summary>The interface: the address is link-local (RFC 4007).</summary>
    LinkLocal,

    /// <summary>The VRF, IPv4.</summary>
    Vrf4,

    /// <summary>The VRF, IPv6.</summary>
    Vrf6,
}
