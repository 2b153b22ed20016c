using System.Numerics;
using System.Security.Cryptography;

namespace TcpAo.Tests.Crypto;

/// <summary>AES-CMAC over the BCL's AES, written from RFC 4493 in the plainest way: the second opinion.</summary>
internal static class ReferenceCmac
{
    public static byte[] Compute(byte[] key, byte[] message)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        byte[] subkey1 = Double(aes.EncryptEcb(new byte[16], PaddingMode.None));
        bool whole = message.Length > 0 && message.Length % 16 == 0;
        byte[] padded = whole ? [.. message] : [.. message, 0x80, .. new byte[15 - (message.Length % 16)]];
        byte[] subkey = whole ? subkey1 : Double(subkey1);
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
        if (number >= limit)
        {
            number = (number - limit) ^ 0x87;
        }

        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[16 - bytes.Length], .. bytes];
    }
}
