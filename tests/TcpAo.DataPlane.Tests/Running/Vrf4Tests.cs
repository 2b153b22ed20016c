using TcpAo.DataPlane.Tests.Support;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>One IPv4 address in two VRFs.</summary>
public sealed class Vrf4Tests() : TwinPeersTests(Twins.Vrf4);
