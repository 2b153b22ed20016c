using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>A key to be added to a chain. What is null is chosen so that nothing clashes, or as the chain's last key has it.</summary>
public sealed record NewKey
{
    /// <summary>The number in the chain.</summary>
    public ulong? Id { get; init; }

    /// <summary>The KeyID of what we sign.</summary>
    public byte? SendId { get; init; }

    /// <summary>The KeyID of what the peer signs.</summary>
    public byte? RecvId { get; init; }

    /// <summary>MAC and KDF.</summary>
    public MacAlgorithm? Algorithm { get; init; }

    /// <summary>Bytes of MAC.</summary>
    public int? MacLength { get; init; }

    /// <summary>Whether the MAC covers the other TCP options.</summary>
    public bool? IncludeTcpOptions { get; init; }

    /// <summary>The secret; null makes a random one.</summary>
    public Secret? Secret { get; init; }

    /// <summary>Whether a random one is letters and digits; null: as the chain's last key is.</summary>
    public bool? AsText { get; init; }

    /// <summary>Where the secret is put.</summary>
    public SecretStorage Storage { get; init; }

    /// <summary>When the key may sign.</summary>
    public KeyLifetime Send { get; init; } = KeyLifetime.Always;

    /// <summary>When the key may verify, without the chain's tolerance.</summary>
    public KeyLifetime Accept { get; init; } = KeyLifetime.Always;
}
