using System.Runtime.Intrinsics;
using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

public sealed class AesCmacVectorTests
{
    private const string Rfc4493Key = "2b7e151628aed2a6abf7158809cf4f3c";
    private const string Rfc4493Message = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    [Fact]
    public void Encrypt_Fips197Example_GivesPublishedBlock()
    {
        if (AesX86.IsSupported)
        {
            Check<AesHardware<AesX86>>();
        }

        Check<AesPortable>();

        static void Check<TAes>()
            where TAes : struct, IAes128
        {
            Assert.Equal("69c4e0d86a7b0430d8cdb78070b4c55a", Encrypt<TAes>("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff"));
            Assert.Equal("3925841d02dc09fbdc118597196a0b32", Encrypt<TAes>(Rfc4493Key, "3243f6a8885a308d313198a2e0370734"));
        }
    }

    [Fact]
    public void Expand_Fips197Key_GivesPublishedLastRoundKey()
    {
        byte[] roundKeys = new byte[AesKeySchedule.Length];
        AesKeySchedule.Expand(Convert.FromHexString(Rfc4493Key), roundKeys);
        Assert.Equal("a0fafe1788542cb123a339392a6c7605", Convert.ToHexStringLower(roundKeys.AsSpan(16, 16)));
        Assert.Equal("d014f9a8c9ee2589e13f0cc8b6630ca6", Convert.ToHexStringLower(roundKeys.AsSpan(160)));
    }

    [Fact]
    public void Prepare_Rfc4493Key_GivesPublishedSubkeys()
    {
        byte[] keyed = new byte[Cmac<AesPortable>.StateLength];
        Cmac<AesPortable>.Prepare(Convert.FromHexString(Rfc4493Key), keyed);
        Assert.Equal("fbeed618357133667c85e08f7236a8de", Convert.ToHexStringLower(keyed.AsSpan(176, 16)));
        Assert.Equal("f7ddac306ae266ccf90bc11ee46d513b", Convert.ToHexStringLower(keyed.AsSpan(192, 16)));
    }

    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    [Requirement("R-111")]
    public void ComputeMac_Rfc4493Example_GivesPublishedMacAtEveryCut(int length, string expected)
    {
        byte[] message = Convert.FromHexString(Rfc4493Message)[..length];
        foreach (MacAlgorithm algorithm in new[] { MacAlgorithms.AesCmac, new AesCmacAlgorithm<AesPortable>() })
        {
            for (int cut = 0; cut <= length; cut++)
            {
                Assert.Equal(expected, Convert.ToHexStringLower(AlgorithmRunner.Mac(algorithm, Convert.FromHexString(Rfc4493Key), message, 16, cut)));
            }
        }
    }

    [Fact]
    [Requirement("R-108")]
    public void DeriveTrafficKey_KeyOf16BytesOrNot_IsTakenRawOrPutThroughCmac()
    {
        byte[] context = AlgorithmRunner.Bytes(20);
        foreach (int length in new[] { 1, 10, 15, 16, 17, 32, 80 })
        {
            byte[] masterKey = AlgorithmRunner.Bytes(length, seed: 2);
            byte[] key = length == 16 ? masterKey : ReferenceCmac.Compute(new byte[16], masterKey);
            byte[] expected = ReferenceCmac.Compute(key, [1, .. "TCP-AO"u8, .. context, 0x00, 0x80]);
            Assert.Equal(expected, AlgorithmRunner.TrafficKey(MacAlgorithms.AesCmac, masterKey, context));
            Assert.Equal(expected, AlgorithmRunner.TrafficKey(new AesCmacAlgorithm<AesPortable>(), masterKey, context));
        }
    }

    private static string Encrypt<TAes>(string key, string block)
        where TAes : struct, IAes128
    {
        byte[] roundKeys = new byte[AesKeySchedule.Length];
        AesKeySchedule.Expand(Convert.FromHexString(key), roundKeys);
        byte[] output = new byte[16];
        TAes.Chain(roundKeys, Vector128<byte>.Zero, Convert.FromHexString(block)).CopyTo(output);
        return Convert.ToHexStringLower(output);
    }
}
