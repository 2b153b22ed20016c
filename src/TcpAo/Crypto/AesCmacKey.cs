using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>The first step of KDF_AES_128_CMAC, for master keys that have not 16 bytes. Source: RFC 5926 section 3.1.1.2 .</summary>
internal static class AesCmacKey
{
    /// <summary>Writes the AES key: the CMAC of the master key under a key of zeros.</summary>
    /// <param name="masterKey">Any number of bytes but 16, which are the AES key themselves.</param>
    /// <param name="key">16 bytes.</param>
    public static void Derive(ReadOnlySpan<byte> masterKey, Span<byte> key)
    {
        if (AesX86.IsSupported)
        {
            Derive<AesHardware<AesX86>>(masterKey, key);
        }
        else if (AesArm.IsSupported)
        {
            Derive<AesHardware<AesArm>>(masterKey, key);
        }
        else
        {
            Derive<AesPortable>(masterKey, key);
        }
    }

    private static void Derive<TAes>(ReadOnlySpan<byte> masterKey, Span<byte> key)
        where TAes : struct, IAes128
    {
        Span<byte> keyed = stackalloc byte[Cmac<TAes>.StateLength];
        Span<byte> zeros = stackalloc byte[AesKeySchedule.BlockLength];
        zeros.Clear();
        Cmac<TAes>.Prepare(zeros, keyed);
        Cmac<TAes>.Compute(keyed, masterKey, default, key);
        CryptographicOperations.ZeroMemory(keyed);
    }
}
