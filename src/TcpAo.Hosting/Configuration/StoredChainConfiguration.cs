namespace TcpAo.Hosting.Configuration;

/// <summary>A chain that comes from the key store.</summary>
/// <param name="Name">Its name, there and for the peers.</param>
/// <param name="KekFile">The file of the key-encryption key that its hosts share, a full path.</param>
/// <param name="OldKekFile">The key-encryption key before that, while documents under it may still be there; a full path, null for none.</param>
public sealed record StoredChainConfiguration(string Name, string KekFile, string? OldKekFile);
