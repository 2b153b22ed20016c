using System.Collections.Immutable;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// An HMAC with RFC 5926's counter KDF over the same HMAC: HMAC-SHA-1-96 with KDF_HMAC_SHA1, and Linux'
/// hmac(sha256).
/// </summary>
/// <typeparam name="THash">The hash function.</typeparam>
internal sealed class HmacCounterAlgorithm<THash>(string name, string linuxName, params ImmutableArray<string> aliases)
    : HmacAlgorithm<THash>(name, DefaultLength, linuxName, aliases)
    where THash : struct, IHmacHash
{
    private const int DefaultLength = 12;

    /// <inheritdoc/>
    public override void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey)
    {
        Span<byte> keyed = stackalloc byte[Hmac<THash>.StateLength];
        Span<byte> buffer = stackalloc byte[Rfc5926Kdf.LongestBlock];
        Hmac<THash>.Prepare(masterKey.Bytes, keyed);
        Hmac<THash>.Compute(keyed, Rfc5926Kdf.WriteBlock(context, TrafficKeyLength, buffer), default, trafficKey[..TrafficKeyLength]);
        CryptographicOperations.ZeroMemory(keyed);
    }
}
