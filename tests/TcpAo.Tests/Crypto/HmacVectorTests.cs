using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

public sealed class HmacVectorTests
{
    // RFC 2202 section 3, cases 1 to 7: repeated key byte or key hex, message, digest
    public static TheoryData<string, string, string> Rfc2202 => new()
    {
        { Repeat("0b", 20), Text("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00" },
        { Text("Jefe"), Text("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
        { Repeat("aa", 20), Repeat("dd", 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3" },
        { "0102030405060708090a0b0c0d0e0f10111213141516171819", Repeat("cd", 50), "4c9007f4026250c6bc8414f9bf50c86c2d7235da" },
        { Repeat("0c", 20), Text("Test With Truncation"), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04" },
        { Repeat("aa", 80), Text("Test Using Larger Than Block-Size Key - Hash Key First"), "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
        { Repeat("aa", 80), Text("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"), "e8e99d0f45237d786d6bbaa7965c7808bbff1a91" },
    };

    // RFC 4231 sections 4.2 to 4.8
    public static TheoryData<string, string, string> Rfc4231 => new()
    {
        { Repeat("0b", 20), Text("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { Text("Jefe"), Text("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { Repeat("aa", 20), Repeat("dd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { "0102030405060708090a0b0c0d0e0f10111213141516171819", Repeat("cd", 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { Repeat("0c", 20), Text("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b" },
        { Repeat("aa", 131), Text("Test Using Larger Than Block-Size Key - Hash Key First"), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        {
            Repeat("aa", 131),
            Text("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc2202))]
    [Requirement("R-111")]
    public void HmacSha1_Rfc2202Case_GivesPublishedDigest(string key, string message, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(AlgorithmRunner.KeyedDigest<Sha1>(Convert.FromHexString(key), Convert.FromHexString(message))));

    [Theory]
    [MemberData(nameof(Rfc4231))]
    [Requirement("R-139")]
    public void HmacSha256_Rfc4231Case_GivesPublishedDigest(string key, string message, string digest) =>
        Assert.StartsWith(digest, Convert.ToHexStringLower(AlgorithmRunner.KeyedDigest<Sha256>(Convert.FromHexString(key), Convert.FromHexString(message))), StringComparison.Ordinal);

    // RFC 5869 appendix A, cases 1 to 3: the first 32 bytes of output are the one block that the KDF takes
    [Theory]
    [InlineData("000102030405060708090a0b0c", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "f0f1f2f3f4f5f6f7f8f9", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")]
    [InlineData("", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")]
    [Requirement("R-135")]
    public void Hkdf_Rfc5869Case_GivesPublishedFirstBlock(string salt, string inputKey, string info, string output)
    {
        byte[] derived = new byte[32];
        HmacHkdfAlgorithm.Derive(Convert.FromHexString(salt), Convert.FromHexString(inputKey), Convert.FromHexString(info), derived);
        Assert.Equal(output, Convert.ToHexStringLower(derived));
    }

    [Fact]
    [Requirement("R-135")]
    public void Hkdf_EveryInfoLength_EqualsTheBcl()
    {
        byte[] inputKey = AlgorithmRunner.Bytes(80);
        byte[] salt = AlgorithmRunner.Bytes(80, seed: 2);
        for (int length = 0; length <= 80; length++)
        {
            byte[] info = AlgorithmRunner.Bytes(length, seed: 3);
            byte[] derived = new byte[32];
            HmacHkdfAlgorithm.Derive(salt.AsSpan(0, length), inputKey.AsSpan(0, 1 + (length % 80)), info, derived);
            Assert.Equal(HKDF.DeriveKey(HashAlgorithmName.SHA256, inputKey[..(1 + (length % 80))], 32, salt[..length], info), derived);
        }
    }

    private static string Repeat(string hex, int count) => string.Concat(Enumerable.Repeat(hex, count));

    private static string Text(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));
}
