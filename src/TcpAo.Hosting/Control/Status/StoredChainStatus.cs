namespace TcpAo.Hosting.Control.Status;

/// <summary>A chain of the key store.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Version of the document in force; 0 for none, and then nothing of its peers passes.</param>
/// <param name="Problem">Why the store's newest is not in force; null where it is, or where there is none.</param>
public sealed record StoredChainStatus(string Name, long Version, string? Problem);
