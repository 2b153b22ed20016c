using System.Collections.Immutable;

namespace TcpAo.Hosting.KeyStores;

/// <summary>A chain on a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Version of the document in force; 0 for none.</param>
/// <param name="Uses">Which keys the signed connections use that are up.</param>
/// <param name="Problem">Why the newest is not in force; null where it is.</param>
public sealed record HostChain(string Name, long Version, ImmutableArray<HostKeyUse> Uses, string? Problem = null)
{
    /// <summary>Compares content.</summary>
    internal static IEqualityComparer<HostChain> Comparer { get; } = EqualityComparer<HostChain>.Create(static (a, b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && (a with { Uses = default }) == (b with { Uses = default }) && a.Uses.AsSpan().SequenceEqual(b.Uses.AsSpan())));
}
