using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace TcpAo.Crypto;

/// <summary>The MAC algorithms there are, and how to find one by name.</summary>
public static class MacAlgorithms
{
    /// <summary>HMAC-SHA-1-96 with KDF_HMAC_SHA1, mandatory in RFC 5926; what an omitted algorithm means .</summary>
    public static MacAlgorithm HmacSha1 { get; } = new PendingMac("hmac-sha-1-96", 20, 12, "hmac(sha1)", "SHA1");

    /// <summary>AES-128-CMAC-96 with KDF_AES_128_CMAC, mandatory in RFC 5926 .</summary>
    public static MacAlgorithm AesCmac { get; } = new PendingMac("aes-128-cmac-96", 16, 12, "cmac(aes128)", "AES128");

    /// <summary>HMAC-SHA-256 with RFC 5926's counter KDF, as Linux and BIRD do it; 12 bytes unless set .</summary>
    public static MacAlgorithm HmacSha256 { get; } = new PendingMac("hmac-sha-256", 32, 12, "hmac(sha256)");

    /// <summary>HMAC-SHA-256-128 with HKDF, draft-ietf-tcpm-tcp-ao-algs. Not <see cref="HmacSha256"/>.</summary>
    public static MacAlgorithm HmacSha256Hkdf { get; } = new PendingMac("hmac-sha-256-128", 32, 16, null);

    /// <summary>KMAC256-128, draft-ietf-tcpm-tcp-ao-algs .</summary>
    public static MacAlgorithm Kmac256 { get; } = new PendingMac("kmac-256-128", 32, 16, null);

    /// <summary>TCP MD5 (RFC 2385), for legacy peers .</summary>
    public static MacAlgorithm TcpMd5 { get; } = new PendingMac("tcp-md5", 0, 16, null);

    /// <summary>All of them, in the order in which they are listed to people.</summary>
    public static ImmutableArray<MacAlgorithm> All { get; } = [HmacSha1, AesCmac, HmacSha256, HmacSha256Hkdf, Kmac256, TcpMd5];

    /// <summary>Finds an algorithm by its name or an alias, in any case of letters.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out MacAlgorithm? algorithm)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (MacAlgorithm candidate in All)
        {
            if (Is(candidate.Name, name) || (candidate.LinuxName is not null && Is(candidate.LinuxName, name)) || candidate.Aliases.Any(alias => Is(alias, name)))
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = null;
        return false;

        static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class PendingMac(string name, int trafficKeyLength, int macLength, string? linuxName, params ImmutableArray<string> aliases)
        : MacAlgorithm(name, trafficKeyLength, macLength, linuxName, aliases)
    {
        public override void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey) => trafficKey.Clear();

        public override void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared) => prepared = default;

        public override void ComputeMac(ref readonly TrafficKey key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac) => mac.Clear();
    }
}
