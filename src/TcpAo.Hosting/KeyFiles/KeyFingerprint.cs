using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>
/// A fingerprint by which two hosts see whether they have the same secret without showing it (docs/reference/keys.md). It is salted with a text that both know,
/// not with a random number, so a secret that can be guessed can be found from it, slowly: PBKDF2. Not the fingerprint of <c>show</c>, which means nothing on
/// another host.
/// </summary>
public static class KeyFingerprint
{
    /// <summary>Rounds of PBKDF2 with HMAC-SHA-256: some tenths of a second a key.</summary>
    public const int Rounds = 600_000;

    private const int Length = 8;

    /// <summary>The salt of a key unless both sides agree on another: chain and number.</summary>
    public static string SaltOf(KeyChain chain, KeyChainKey key)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(key);
        return $"{chain.Name}/{key.Id}";
    }

    /// <summary>The fingerprint: 16 hex digits in groups of four, such as <c>3f2a-91bc-0456-cd12</c>.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="salt">The text that both sides use.</param>
    public static string Of(Secret secret, string salt)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(salt);
        Span<byte> bytes = stackalloc byte[Secret.MaxLength];
        Span<byte> fingerprint = stackalloc byte[Length];
        try
        {
            secret.CopyTo(bytes);
            Rfc2898DeriveBytes.Pbkdf2(bytes[..secret.Length], Encoding.UTF8.GetBytes($"tcpao-fingerprint-1:{salt}"), fingerprint, Rounds, HashAlgorithmName.SHA256);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }

        string digits = Convert.ToHexStringLower(fingerprint);
        return string.Join('-', digits.Chunk(4).Select(group => new string(group)));
    }
}
