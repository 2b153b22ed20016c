namespace TcpAo.Hosting.KeyStores;

/// <summary>An entry of a key store.</summary>
/// <param name="Name">Its name, relative to the store's prefix.</param>
/// <param name="Value">Its value; null where it was removed.</param>
/// <param name="Revision">The store's revision at which it was last changed.</param>
public sealed record StoreEntry(string Name, byte[]? Value, long Revision);
