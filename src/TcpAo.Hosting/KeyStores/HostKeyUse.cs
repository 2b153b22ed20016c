namespace TcpAo.Hosting.KeyStores;

/// <summary>Connections that use the same keys.</summary>
/// <param name="Count">How many.</param>
/// <param name="Example">One of them, by its peer's name and end.</param>
/// <param name="SendId">KeyID of what they sign; null for none.</param>
/// <param name="ReceivedId">KeyID of what the peer signs; null before its first segment.</param>
public sealed record HostKeyUse(int Count, string Example, int? SendId = null, int? ReceivedId = null);
