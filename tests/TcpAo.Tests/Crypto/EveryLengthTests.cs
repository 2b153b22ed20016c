using System.Security.Cryptography;
using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

/// <summary>Every algorithm against the BCL at every length, the message cut into header and payload at several places.</summary>
public sealed class EveryLengthTests
{
    private const int Longest = 1600;

    [Fact]
    [Requirement("R-111")]
    public void HmacSha1_EveryLengthAndCut_EqualsTheBcl() => Check(MacAlgorithms.HmacSha1, HMACSHA1.HashData);

    [Fact]
    [Requirement("R-111")]
    public void AesCmac_EveryLengthAndCut_EqualsTheReference() => Check(MacAlgorithms.AesCmac, ReferenceCmac.Compute);

    [Fact]
    [Requirement("R-111")]
    public void AesCmacWithoutAesInstructions_EveryLengthAndCut_EqualsTheReference() => Check(new AesCmacAlgorithm<AesPortable>(), ReferenceCmac.Compute);

    [Fact]
    [Requirement("R-139")]
    public void HmacSha256_EveryLengthAndCut_EqualsTheBcl() => Check(MacAlgorithms.HmacSha256, HMACSHA256.HashData);

    [Fact]
    [Requirement("R-135")]
    public void HmacSha256Hkdf_EveryLengthAndCut_EqualsTheBcl() => Check(MacAlgorithms.HmacSha256Hkdf, HMACSHA256.HashData);

    [Fact]
    [Requirement("R-136")]
    public void Kmac256_EveryLengthAndCut_EqualsTheBcl()
    {
        Assert.SkipUnless(Kmac256.IsSupported, "This machine's OpenSSL has no KMAC.");
        Check(MacAlgorithms.Kmac256, (key, message) => Kmac256.HashData(key, message, 16));
    }

    [Fact]
    [Requirement("R-097")]
    public void TcpMd5_EveryLengthAndCut_EqualsTheBcl() => Check(MacAlgorithms.TcpMd5, (key, message) => MD5.HashData([.. message, .. key]));

    [Fact]
    [Requirement("R-136")]
    public void Kmac256Kdf_EveryKeyLength_EqualsTheBcl()
    {
        Assert.SkipUnless(Kmac256.IsSupported, "This machine's OpenSSL has no KMAC.");
        byte[] context = AlgorithmRunner.Bytes(44);
        for (int length = 1; length <= Secret.MaxLength; length++)
        {
            byte[] masterKey = AlgorithmRunner.Bytes(length, seed: 2);
            byte[] input = [0, 0, 0, 1, .. masterKey, .. context];
            byte[] expected = Kmac256.HashData(new byte[132], input, 32, "KDF"u8.ToArray());
            Assert.Equal(expected, AlgorithmRunner.TrafficKey(MacAlgorithms.Kmac256, masterKey, context));
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(44)]
    [Requirement("R-105", "R-106", "R-107", "R-139")]
    public void HmacKdf_EveryKeyLength_IsOneBlockOfTheCounterKdf(int contextLength)
    {
        byte[] context = AlgorithmRunner.Bytes(contextLength);
        for (int length = 1; length <= Secret.MaxLength; length++)
        {
            byte[] masterKey = AlgorithmRunner.Bytes(length, seed: 2);
            byte[] block = [1, .. "TCP-AO"u8, .. context, 0x00, 0xA0];
            Assert.Equal(HMACSHA1.HashData(masterKey, block), AlgorithmRunner.TrafficKey(MacAlgorithms.HmacSha1, masterKey, context));
            block = [1, .. "TCP-AO"u8, .. context, 0x01, 0x00];
            Assert.Equal(HMACSHA256.HashData(masterKey, block), AlgorithmRunner.TrafficKey(MacAlgorithms.HmacSha256, masterKey, context));
        }
    }

    [Fact]
    [Requirement("R-135")]
    public void HkdfKdf_EveryKeyLength_EqualsTheBclWithAZeroSalt()
    {
        byte[] context = AlgorithmRunner.Bytes(44);
        for (int length = 1; length <= Secret.MaxLength; length++)
        {
            byte[] masterKey = AlgorithmRunner.Bytes(length, seed: 2);
            Assert.Equal(HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, 32, new byte[32], context), AlgorithmRunner.TrafficKey(MacAlgorithms.HmacSha256Hkdf, masterKey, context));
        }
    }

    private static void Check(MacAlgorithm algorithm, Func<byte[], byte[], byte[]> reference)
    {
        byte[] key = AlgorithmRunner.Bytes(algorithm.IsTcpMd5 ? 33 : algorithm.TrafficKeyLength, seed: 5);
        algorithm.Prepare(key, out TrafficKey prepared);
        byte[] all = AlgorithmRunner.Bytes(Longest, seed: 6);
        byte[] mac = new byte[MacAlgorithm.LongestMac];
        for (int length = 0; length <= Longest; length++)
        {
            byte[] message = all[..length];
            byte[] expected = reference(key, message);
            foreach (int cut in new[] { 0, 1, 15, 16, 17, 36, 60, 63, 64, 65, 76, 104, 124, 136, length - 1, length })
            {
                if (cut < 0 || cut > length)
                {
                    continue;
                }

                algorithm.ComputeMac(in prepared, message.AsSpan(0, cut), message.AsSpan(cut), mac);
                if (!mac.AsSpan().SequenceEqual(expected.AsSpan(0, mac.Length)))
                {
                    Assert.Fail($"{algorithm.Name}: length {length}, cut at {cut}");
                }
            }
        }
    }
}
