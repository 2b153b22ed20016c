using TcpAo.Crypto;

namespace TcpAo.Uapi;

/// <summary>Names of algorithms as <c>alg_name</c> has them, exactly as Linux 7.2 takes and gives them (linux-uapi 2).</summary>
internal static class SocketAlgorithm
{
    private const string Cmac = "cmac(aes)";
    private const int AesKeyLength = 16;

    /// <summary>The algorithm of a name; null where Linux answers ENOENT.</summary>
    public static MacAlgorithm? Find(string name, int keyLength) => name switch
    {
        "hmac(sha1)" => MacAlgorithms.HmacSha1,
        "hmac(sha256)" => MacAlgorithms.HmacSha256,
        "cmac(aes128)" => MacAlgorithms.AesCmac,

        // the cipher's own name does not say what to do with a key of another length
        Cmac when keyLength == AesKeyLength => MacAlgorithms.AesCmac,
        _ => null,
    };

    /// <summary>What TCP_AO_GET_KEYS calls it.</summary>
    public static string NameOf(MacAlgorithm algorithm) => ReferenceEquals(algorithm, MacAlgorithms.AesCmac) ? Cmac : algorithm.LinuxName ?? algorithm.Name;

    /// <summary>The key as Linux keeps it: for AES one of another length is put through the KDF's first step at once .</summary>
    public static Secret Keep(MacAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        if (!ReferenceEquals(algorithm, MacAlgorithms.AesCmac) || key.Length == AesKeyLength)
        {
            return Secret.FromSocket(key);
        }

        Span<byte> derived = stackalloc byte[AesKeyLength];
        AesCmacKey.Derive(key, derived);
        var secret = Secret.FromSocket(derived);
        derived.Clear();
        return secret;
    }
}
