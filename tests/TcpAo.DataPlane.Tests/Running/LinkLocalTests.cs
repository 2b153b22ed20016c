using TcpAo.DataPlane.Tests.Support;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>One link-local address on two interfaces.</summary>
public sealed class LinkLocalTests() : TwinPeersTests(Twins.LinkLocal);
