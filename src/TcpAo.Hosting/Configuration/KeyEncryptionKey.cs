using System.Security.Cryptography;
using TcpAo.Crypto;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// A key-encryption key: AES of 128, 192 or 256 bits, for master keys at rest. Key wrap with padding, RFC 5649, as RFC 8177 section 5 recommends. What
/// is wrapped is protected against reading and against change, but not against being put beside another key's ids.
/// </summary>
public sealed class KeyEncryptionKey : IDisposable
{
    private readonly Aes _aes;

    private KeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
        _aes.SetKey(key);
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

    /// <summary>Erases the key.</summary>
    public void Dispose() => _aes.Dispose();
}
