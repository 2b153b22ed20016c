namespace TcpAo.Hosting.KeyStores;

/// <summary>A key of a chain in the store: the words of the configuration, and the secret only wrapped.</summary>
public sealed record StoredKey
{
    /// <summary>Number in the chain.</summary>
    public required ulong Id { get; init; }

    /// <summary>KeyID of what a host sends.</summary>
    public required byte SendId { get; init; }

    /// <summary>KeyID of what a host receives.</summary>
    public required byte RecvId { get; init; }

    /// <summary>MAC and KDF.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Bytes of MAC.</summary>
    public required int MacLength { get; init; }

    /// <summary>Whether the MAC covers the other TCP options.</summary>
    public required bool IncludeTcpOptions { get; init; }

    /// <summary>The secret under the chain's key-encryption key (RFC 5649), in hex digits.</summary>
    public required string SecretWrapped { get; init; }

    /// <summary>When it signs; null for always.</summary>
    public StoredLifetime? SendLifetime { get; init; }

    /// <summary>When it verifies; null for always.</summary>
    public StoredLifetime? AcceptLifetime { get; init; }

    /// <summary>Whether it never signs; null for no.</summary>
    public bool? NoSend { get; init; }
}
