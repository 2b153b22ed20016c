using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>A key of <see cref="YangKeyChains"/> (R-122, R-126). It may hold a secret; it prints none.</summary>
public sealed class YangKey
{
    /// <summary>The key-id: a handle for people.</summary>
    public required ulong KeyId { get; init; }

    /// <summary>send-id; null for TCP MD5.</summary>
    public byte? SendId { get; init; }

    /// <summary>recv-id; null for TCP MD5.</summary>
    public byte? RecvId { get; init; }

    /// <summary>MAC and KDF.</summary>
    public required MacAlgorithm Algorithm { get; init; }

    /// <summary>include-tcp-options.</summary>
    public bool IncludeTcpOptions { get; init; } = true;

    /// <summary>send-lifetime.</summary>
    public KeyLifetime Send { get; init; } = KeyLifetime.Always;

    /// <summary>accept-lifetime, without tolerance.</summary>
    public KeyLifetime Accept { get; init; } = KeyLifetime.Always;

    /// <summary>The key string: the secret, or what wraps it where <see cref="YangKeyChains.AesKeyWrap"/> is set; null where it was left out.</summary>
    public byte[]? KeyString { get; init; }

    /// <summary>Number and ids.</summary>
    public override string ToString() => $"{KeyId} (send-id {SendId}, recv-id {RecvId}, {Algorithm.Name})";

    /// <summary>Erases the key string.</summary>
    public void Erase() => CryptographicOperations.ZeroMemory(KeyString);
}
