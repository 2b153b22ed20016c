using System.Security.Cryptography;
using TcpAo.Crypto;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>Makes random master keys, as long as the algorithm can use: 20 bytes for SHA-1, 16 for AES, 32 for SHA-256 and KMAC .</summary>
public static class KeyGenerator
{
    private const double BitsOfALetter = 5.954;

    private static ReadOnlySpan<byte> Letters => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8;

    /// <summary>Bytes of a random key for an algorithm.</summary>
    public static int LengthFor(MacAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        return algorithm.IsTcpMd5 ? 16 : algorithm.TrafficKeyLength;
    }

    /// <summary>A random key.</summary>
    /// <param name="algorithm">What it is for.</param>
    /// <param name="asText">Letters and digits, as routers take them, as many as have the same strength; else bytes.</param>
    public static Secret Generate(MacAlgorithm algorithm, bool asText)
    {
        int length = LengthFor(algorithm);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(asText ? (int)Math.Ceiling(length * 8 / BitsOfALetter) : length, pinned: true);
        try
        {
            if (asText)
            {
                RandomNumberGenerator.GetItems(Letters, bytes);
            }
            else
            {
                RandomNumberGenerator.Fill(bytes);
            }

            return Secret.FromBytes(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>A random key-encryption key of 256 bits, as hex digits.</summary>
    public static string GenerateKek() => RandomNumberGenerator.GetHexString(64, lowercase: true);
}
