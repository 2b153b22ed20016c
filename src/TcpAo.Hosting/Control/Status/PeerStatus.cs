namespace TcpAo.Hosting.Control.Status;

/// <summary>A peer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Remote">Its address or prefix, or <c>any</c>.</param>
/// <param name="Local">Ours, or <c>any</c>.</param>
/// <param name="Ports">Which ports, such as <c>179</c>, <c>local 179</c> or <c>any</c>.</param>
/// <param name="Mode">How strict we are.</param>
/// <param name="KeyChain">Name of its key chain.</param>
/// <param name="Connections">Connections that are open or were a short while ago.</param>
/// <param name="Protected">How many of them are signed both ways.</param>
public sealed record PeerStatus(string Name, string Remote, string Local, string Ports, string Mode, string KeyChain, int Connections, int Protected);
