using System.Collections.Immutable;

namespace TcpAo.Hosting.KeyStores;

/// <summary>The last good copy of the store on disk.</summary>
/// <param name="Chains">Its documents.</param>
internal sealed record CacheDocument(ImmutableArray<CachedChain> Chains)
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.cache/1";

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; init; } = SchemaName;
}
