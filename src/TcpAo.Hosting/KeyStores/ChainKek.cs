using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyStores;

/// <summary>The key-encryption key of a chain: wraps its secrets, seals its document and the copy on disk. Only the chain's hosts and its operators have it.</summary>
public sealed class ChainKek : IDisposable
{
    private readonly KeyEncryptionKey _key;

    private ChainKek(KeyEncryptionKey key) => _key = key;

    /// <summary>Reads the key of a file.</summary>
    /// <param name="file">The file: hex digits, for the owner alone.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ChainKek Read(string file) => new KeyEncryptionKeySource(file).TryGet(out KeyEncryptionKey? key, out string? reason)
        ? new ChainKek(key)
        : throw new ConfigurationException([new ConfigurationError(file, 0, 0, "", reason)]);

    /// <summary>Wraps a secret.</summary>
    /// <returns>Hex digits.</returns>
    public string Wrap(Secret secret) => Convert.ToHexStringLower(_key.Wrap(secret));

    /// <summary>Unwraps a secret; null where it is wrapped under another key, or changed.</summary>
    public Secret? Unwrap(string wrapped)
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        byte[] bytes = new byte[wrapped.Length / 2];
        return Convert.FromHexString(wrapped, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? _key.Unwrap(bytes) : null;
    }

    /// <summary>A document as the store has it.</summary>
    public byte[] Seal(ChainDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return JsonSerializer.SerializeToUtf8Bytes(document with { Seal = Convert.ToHexStringLower(SealOf(document)) }, KeyStoreJson.Default.ChainDocument);
    }

    /// <summary>Whether a document was sealed with this key and not changed since.</summary>
    public bool IsSealed(ChainDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SealOf(document))), Encoding.ASCII.GetBytes(document.Seal ?? ""));
    }

    /// <summary>Seals a copy for the disk.</summary>
    internal byte[] Encrypt(byte[] content, string name) => _key.Encrypt(content, Encoding.UTF8.GetBytes(name));

    /// <summary>Opens a copy; null where it was sealed with another key, for another name, or changed.</summary>
    internal byte[]? Decrypt(byte[] content, string name) => _key.Decrypt(content, Encoding.UTF8.GetBytes(name));

    /// <summary>Where the strict reader gets the key from.</summary>
    internal KeyEncryptionKeySource AsSource() => KeyEncryptionKeySource.Of(_key);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private byte[] SealOf(ChainDocument document) => _key.Authenticate(JsonSerializer.SerializeToUtf8Bytes(document with { Seal = null }, KeyStoreJson.Default.ChainDocument));
}
