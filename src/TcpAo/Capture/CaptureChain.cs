using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>A key chain as the verifier uses it: lifetimes do not count.</summary>
/// <param name="Name">The chain's name.</param>
/// <param name="Keys">Its keys.</param>
public sealed record CaptureChain(string Name, KeyRing Keys);
