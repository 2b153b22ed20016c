using System.Collections.Immutable;

namespace TcpAo.Hosting.Configuration;

/// <summary>The section <c>key-store</c>: where chains are kept for many hosts (docs/reference/key-store.md).</summary>
public sealed record KeyStoreConfiguration
{
    /// <summary>Members of the etcd cluster, <c>http://</c> or <c>https://</c>; any of them will do.</summary>
    public required ImmutableArray<Uri> Endpoints { get; init; }

    /// <summary>What the names of all entries begin with; it ends in a slash.</summary>
    public required string Prefix { get; init; }

    /// <summary>Name of this host in the fleet.</summary>
    public required string Host { get; init; }

    /// <summary>Certificates that the store's is to be signed by, a full path; null for those of the system.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Our certificate, a full path; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key, a full path.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>Name to log in with; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The file with the password, a full path.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The file that the last good copy is sealed in, a full path.</summary>
    public required string CacheFile { get; init; }

    /// <summary>The chains that this host takes from the store.</summary>
    public required ImmutableArray<StoredChainConfiguration> Chains { get; init; }
}
