namespace TcpAo.Hosting.Fleet;

/// <summary>Something about the fleet that is not done, with what to do instead; nothing has changed.</summary>
/// <param name="message">One sentence.</param>
public sealed class FleetException(string message) : Exception(message);
