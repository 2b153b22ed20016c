namespace TcpAo.Interop.Tests.Support;

/// <summary>What Linux counts of TCP-AO for a network namespace.</summary>
internal sealed record AoCounters(long Good, long Bad, long KeyNotFound, long Required)
{
    public AoCounters Since(AoCounters before) => new(Good - before.Good, Bad - before.Bad, KeyNotFound - before.KeyNotFound, Required - before.Required);
}
