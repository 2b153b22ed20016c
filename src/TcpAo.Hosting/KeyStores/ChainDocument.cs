using System.Collections.Immutable;
using TcpAo.Hosting.Fleet;

namespace TcpAo.Hosting.KeyStores;

/// <summary>
/// What the store has of a chain (docs/reference/key-store.md): the keys, the hosts that use them and, while they are changed, how far that is. One entry, so that
/// keys and plan cannot disagree. Sealed: who has not the chain's key-encryption key can read but not change it, and an older one is refused.
/// </summary>
public sealed record ChainDocument
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.chain/1";

    /// <summary>What the names of these entries begin with.</summary>
    public const string Folder = "chains/";

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>One more with every change.</summary>
    public required long Version { get; init; }

    /// <summary>The hosts that use the chain: a rollover waits for each of them.</summary>
    public required ImmutableArray<string> Hosts { get; init; }

    /// <summary>The keys.</summary>
    public required StoredChain KeyChain { get; init; }

    /// <summary>The rollover under way; null for none.</summary>
    public Rollover? Rollover { get; init; }

    /// <summary>HMAC-SHA-256 over the document without this, under a key made from the key-encryption key, in hex digits.</summary>
    public string? Seal { get; init; }

    /// <summary>Name of a chain's entry.</summary>
    public static string NameOf(string chain) => Folder + chain;
}
