using System.Numerics;
using System.Security.Cryptography;

namespace TcpAo.Fuzz.Oracle;

/// <summary>KDFs and MACs over the BCL's primitives, written from RFC 5926, RFC 4493 and draft-ietf-tcpm-tcp-ao-algs.</summary>
internal static class SlowMac
{
    public static byte[] Mac(string algorithm, byte[] key, byte[] message) => algorithm switch
    {
        "hmac-sha-1-96" => HMACSHA1.HashData(key, message),
        "hmac-sha-256" or "hmac-sha-256-128" => HMACSHA256.HashData(key, message),
        "aes-128-cmac-96" => Cmac(key, message),
        "kmac-256-128" => Kmac256.HashData(key, message, 16),
        "tcp-md5" => MD5.HashData([.. message, .. key]),
        _ => throw new ArgumentException($"no second opinion on {algorithm}", nameof(algorithm)),
    };

    public static byte[] TrafficKey(string algorithm, byte[] masterKey, byte[] context) => algorithm switch
    {
        "hmac-sha-1-96" => HMACSHA1.HashData(masterKey, Block(context, 160)),
        "hmac-sha-256" => HMACSHA256.HashData(masterKey, Block(context, 256)),
        "hmac-sha-256-128" => HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, 32, new byte[32], context),
        "aes-128-cmac-96" => Cmac(masterKey.Length == 16 ? masterKey : Cmac(new byte[16], masterKey), Block(context, 128)),
        "kmac-256-128" => Kmac256.HashData(new byte[132], (byte[])[0, 0, 0, 1, .. masterKey, .. context], 32, (byte[])[.. "KDF"u8]),
        "tcp-md5" => [],
        _ => throw new ArgumentException($"no second opinion on {algorithm}", nameof(algorithm)),
    };

    private static byte[] Block(byte[] context, int bits) => [1, .. "TCP-AO"u8, .. context, (byte)(bits >> 8), (byte)bits];

    private static byte[] Cmac(byte[] key, byte[] message)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        byte[] subkey1 = Double(aes.EncryptEcb(new byte[16], PaddingMode.None));
        bool isWhole = message.Length > 0 && message.Length % 16 == 0;
        byte[] padded = isWhole ? [.. message] : [.. message, 0x80, .. new byte[15 - (message.Length % 16)]];
        byte[] subkey = isWhole ? subkey1 : Double(subkey1);
        for (int i = 0; i < 16; i++)
        {
            padded[padded.Length - 16 + i] ^= subkey[i];
        }

        return aes.EncryptCbc(padded, new byte[16], PaddingMode.None)[^16..];
    }

    private static byte[] Double(byte[] value)
    {
        BigInteger number = new BigInteger(value, isUnsigned: true, isBigEndian: true) * 2;
        BigInteger limit = BigInteger.One << 128;
        byte[] bytes = (number >= limit ? (number - limit) ^ 0x87 : number).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[16 - bytes.Length], .. bytes];
    }
}
