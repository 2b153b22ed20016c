namespace TcpAo.Hosting.KeyStores;

/// <summary>A document in the cache.</summary>
/// <param name="Name">Name of its chain.</param>
/// <param name="Sealed">The document, encrypted and authenticated under a key made from the chain's key-encryption key.</param>
internal sealed record CachedChain(string Name, byte[] Sealed);
