using System.Security.Cryptography;
using TcpAo.Crypto;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// A key-encryption key: AES of 128, 192 or 256 bits, for master keys at rest. Key wrap with padding, RFC 5649, as RFC 8177 section 5 recommends. What
/// is wrapped is protected against reading and against change, but not against being put beside another key's ids.
/// </summary>
public sealed class KeyEncryptionKey : IDisposable
{
    private const int DerivedLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly Aes _aes;

    // keys of their own for what is not the wrapping of keys
    private readonly byte[] _mac;
    private readonly byte[] _seal;

    private KeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
        _aes.SetKey(key);
        _mac = Derive(key, "tcpao key store: document"u8);
        _seal = Derive(key, "tcpao key store: copy on disk"u8);
    }

    /// <summary>Takes a copy of a key; the caller erases the original.</summary>
    /// <param name="key">16, 24 or 32 bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static KeyEncryptionKey FromBytes(ReadOnlySpan<byte> key) =>
        key.Length is 16 or 24 or 32 ? new KeyEncryptionKey(key) : throw new ArgumentException($"A key-encryption key has 16, 24 or 32 bytes; this one has {key.Length}.", nameof(key));

    /// <summary>Wraps a master key.</summary>
    /// <returns>16 to 88 bytes, a multiple of 8.</returns>
    public byte[] Wrap(Secret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        byte[] plain = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        try
        {
            secret.CopyTo(plain);
            return _aes.EncryptKeyWrapPadded(plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Unwraps a master key; null when it was not wrapped under this key, was changed, or is no master key.</summary>
    public Secret? Unwrap(ReadOnlySpan<byte> wrapped)
    {
        const int Longest = 88;
        if (wrapped.Length is < 16 or > Longest || wrapped.Length % 8 != 0)
        {
            return null;
        }

        byte[] plain = GC.AllocateUninitializedArray<byte>(Longest, pinned: true);
        try
        {
            int length = _aes.DecryptKeyWrapPadded(wrapped, plain);
            return length is > 0 and <= Secret.MaxLength ? Secret.FromBytes(plain.AsSpan(0, length)) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>HMAC-SHA-256 of something under a key made from this one.</summary>
    internal byte[] Authenticate(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_mac, content);

    /// <summary>Encrypts and authenticates something under a key made from this one (AES-256-GCM).</summary>
    /// <param name="content">The content.</param>
    /// <param name="context">What it is good for; <see cref="Decrypt"/> needs the same.</param>
    internal byte[] Encrypt(ReadOnlySpan<byte> content, ReadOnlySpan<byte> context)
    {
        byte[] result = new byte[NonceLength + content.Length + TagLength];
        Span<byte> nonce = result.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm gcm = new(_seal, TagLength);
        gcm.Encrypt(nonce, content, result.AsSpan(NonceLength, content.Length), result.AsSpan(NonceLength + content.Length), context);
        return result;
    }

    /// <summary>The content; null where it was encrypted under another key or for another context, or changed.</summary>
    internal byte[]? Decrypt(ReadOnlySpan<byte> content, ReadOnlySpan<byte> context)
    {
        if (content.Length < NonceLength + TagLength)
        {
            return null;
        }

        byte[] plain = new byte[content.Length - NonceLength - TagLength];
        using AesGcm gcm = new(_seal, TagLength);
        try
        {
            gcm.Decrypt(content[..NonceLength], content[NonceLength..^TagLength], content[^TagLength..], plain, context);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_mac);
        CryptographicOperations.ZeroMemory(_seal);
    }

    private static byte[] Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> use)
    {
        byte[] derived = GC.AllocateUninitializedArray<byte>(DerivedLength, pinned: true);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, [], use);
        return derived;
    }
}
