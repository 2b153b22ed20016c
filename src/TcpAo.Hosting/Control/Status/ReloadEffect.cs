namespace TcpAo.Hosting.Control.Status;

/// <summary>What a reload does to a connection.</summary>
/// <param name="Local">Our end.</param>
/// <param name="Remote">The peer's end.</param>
/// <param name="Peer">Name of the peer that it is with, after the reload where there is one.</param>
/// <param name="Effect"><c>cut</c>: it is not protected and has to be from now on; <c>unprotected</c>: no peer covers it any more; <c>key-goes</c>: it uses a key that goes, and keeps it until it has left it.</param>
/// <param name="Detail">The same as a sentence.</param>
public sealed record ReloadEffect(string Local, string Remote, string Peer, string Effect, string Detail);
