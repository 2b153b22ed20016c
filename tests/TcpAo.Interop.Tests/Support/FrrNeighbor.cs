namespace TcpAo.Interop.Tests.Support;

/// <summary>What FRR says of a session: its state, how often it came up and how often it went down.</summary>
internal sealed record FrrNeighbor(string State, int Established, int Dropped)
{
    public bool IsUp => string.Equals(State, "Established", StringComparison.Ordinal);
}
