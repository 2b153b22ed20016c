using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// HMAC-SHA-256-128 with HKDF of a salt of 32 zero bytes, one block of output and the context as info.
/// Source: draft-ietf-tcpm-tcp-ao-algs, RFC 5869 section 2.
/// </summary>
internal sealed class HmacHkdfAlgorithm() : HmacAlgorithm<Sha256>("hmac-sha-256-128", 16, linuxName: null)
{
    /// <inheritdoc/>
    public override void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey)
    {
        ReadOnlySpan<byte> salt = stackalloc byte[32];
        Derive(salt, masterKey.Bytes, context, trafficKey[..TrafficKeyLength]);
    }

    /// <summary>HKDF-SHA256 with at most one block of output: HMAC(HMAC(salt, key), info | 0x01).</summary>
    internal static void Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        Span<byte> keyed = stackalloc byte[Hmac<Sha256>.StateLength];
        Span<byte> extracted = stackalloc byte[IBlockHash.LongestDigest];
        Hmac<Sha256>.Prepare(salt, keyed);
        Hmac<Sha256>.Compute(keyed, inputKey, default, extracted);
        Hmac<Sha256>.Prepare(extracted, keyed);
        Hmac<Sha256>.Compute(keyed, info, [0x01], output);
        CryptographicOperations.ZeroMemory(keyed);
        CryptographicOperations.ZeroMemory(extracted);
    }
}
