using TcpAo.DataPlane.Tests.Support;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>One IPv6 address in two VRFs.</summary>
public sealed class Vrf6Tests() : TwinPeersTests(Twins.Vrf6);
