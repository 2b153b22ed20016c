using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace TcpAo.Crypto;

/// <summary>The MAC algorithms there are, and how to find one by name.</summary>
public static class MacAlgorithms
{
    /// <summary>HMAC-SHA-1-96 with KDF_HMAC_SHA1, mandatory in RFC 5926; what an omitted algorithm means .</summary>
    public static MacAlgorithm HmacSha1 { get; } = new HmacCounterAlgorithm<Sha1>("hmac-sha-1-96", "hmac(sha1)", "SHA1");

    /// <summary>AES-128-CMAC-96 with KDF_AES_128_CMAC, mandatory in RFC 5926 .</summary>
    public static MacAlgorithm AesCmac { get; } = AesX86.IsSupported ? new AesCmacAlgorithm<AesHardware<AesX86>>()
        : AesArm.IsSupported ? new AesCmacAlgorithm<AesHardware<AesArm>>()
        : new AesCmacAlgorithm<AesPortable>();

    /// <summary>HMAC-SHA-256 with RFC 5926's counter KDF, as Linux and BIRD do it; 12 bytes unless set .</summary>
    public static MacAlgorithm HmacSha256 { get; } = new HmacCounterAlgorithm<Sha256>("hmac-sha-256", "hmac(sha256)");

    /// <summary>HMAC-SHA-256-128 with HKDF, draft-ietf-tcpm-tcp-ao-algs. Not <see cref="HmacSha256"/>.</summary>
    public static MacAlgorithm HmacSha256Hkdf { get; } = new HmacHkdfAlgorithm();

    /// <summary>KMAC256-128, draft-ietf-tcpm-tcp-ao-algs .</summary>
    public static MacAlgorithm Kmac256 { get; } = new Kmac256Algorithm();

    /// <summary>TCP MD5 (RFC 2385), for legacy peers .</summary>
    public static MacAlgorithm TcpMd5 { get; } = new TcpMd5Algorithm();

    /// <summary>All of them, in the order in which they are listed to people.</summary>
    public static ImmutableArray<MacAlgorithm> All { get; } = [HmacSha1, AesCmac, HmacSha256, HmacSha256Hkdf, Kmac256, TcpMd5];

    /// <summary>The names of all of them, as an error message lists them.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(algorithm => algorithm.Name));

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
}
