using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

public sealed class HashVectorTests
{
    private const string TwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    // FIPS 180-4's examples
    [Theory]
    [InlineData("abc", "A9993E364706816ABA3E25717850C26C9CD0D89D")]
    [InlineData("", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709")]
    [InlineData(TwoBlocks, "84983E441C3BD26EBAAE4AA1F95129E5E54670F1")]
    public void Sha1_PublishedText_GivesPublishedDigest(string text, string digest) =>
        Assert.Equal(digest, Convert.ToHexString(AlgorithmRunner.Digest<Sha1>(Encoding.ASCII.GetBytes(text))));

    [Theory]
    [InlineData("abc", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData(TwoBlocks, "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1")]
    public void Sha256_PublishedText_GivesPublishedDigest(string text, string digest) =>
        Assert.Equal(digest, Convert.ToHexString(AlgorithmRunner.Digest<Sha256>(Encoding.ASCII.GetBytes(text))));

    // RFC 1321 appendix A.5
    [Theory]
    [InlineData("", "D41D8CD98F00B204E9800998ECF8427E")]
    [InlineData("abc", "900150983CD24FB0D6963F7D28E17F72")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57EDF4A22BE3C955AC49DA2E2107B67A")]
    public void Md5_PublishedText_GivesPublishedDigest(string text, string digest) =>
        Assert.Equal(digest, Convert.ToHexString(AlgorithmRunner.Digest<Md5>(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Hashes_AMillionLettersA_GivePublishedDigests()
    {
        byte[] message = Encoding.ASCII.GetBytes(new string('a', 1_000_000));
        Assert.Equal("34AA973CD4C4DAA4F61EEB2BDBAD27316534016F", Convert.ToHexString(AlgorithmRunner.Digest<Sha1>(message)));
        Assert.Equal("CDC76E5C9914FB9281A1C7E284D73E67F1809A48A497200E046D39CCC7112CD0", Convert.ToHexString(AlgorithmRunner.Digest<Sha256>(message)));
    }

    [Fact]
    public void Hashes_EveryLengthUpTo300_EqualTheBcl()
    {
        for (int length = 0; length <= 300; length++)
        {
            byte[] message = AlgorithmRunner.Bytes(length);
            Assert.Equal(SHA1.HashData(message), AlgorithmRunner.Digest<Sha1>(message));
            Assert.Equal(SHA256.HashData(message), AlgorithmRunner.Digest<Sha256>(message));
            Assert.Equal(MD5.HashData(message), AlgorithmRunner.Digest<Md5>(message));
        }
    }
}
