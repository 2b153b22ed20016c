namespace TcpAo.Hosting.KeyStores;

/// <summary>A lifetime as the configuration writes it.</summary>
/// <param name="Start">Its start; null for since ever.</param>
/// <param name="End">Its end; null for never.</param>
public sealed record StoredLifetime(DateTimeOffset? Start = null, DateTimeOffset? End = null);
