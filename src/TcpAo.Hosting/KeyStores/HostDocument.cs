using System.Collections.Immutable;

namespace TcpAo.Hosting.KeyStores;

/// <summary>What a host tells of itself in the store, under a lease: it goes when the host does.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Time">When this was found.</param>
/// <param name="Chains">The chains that it takes from the store.</param>
public sealed record HostDocument(string Host, DateTimeOffset Time, ImmutableArray<HostChain> Chains)
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.host/1";

    /// <summary>What the names of these entries begin with.</summary>
    public const string Folder = "hosts/";

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Whether another says the same, times aside.</summary>
    public bool SaysTheSameAs(HostDocument other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return string.Equals(Host, other.Host, StringComparison.Ordinal) && Chains.AsSpan().SequenceEqual(other.Chains.AsSpan(), HostChain.Comparer);
    }
}
