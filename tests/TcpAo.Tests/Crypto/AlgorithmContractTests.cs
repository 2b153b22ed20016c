using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

public sealed class AlgorithmContractTests
{
    public static TheoryData<string> Names => [.. MacAlgorithms.All.Select(algorithm => algorithm.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void SigningAndDeriving_ManyTimes_AllocateNothing(string name)
    {
        Assert.True(MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm));
        Assert.Equal(0, Allocated(algorithm));
    }

    [Fact]
    public void SigningWithoutAesInstructions_ManyTimes_AllocatesNothing() => Assert.Equal(0, Allocated(new AesCmacAlgorithm<AesPortable>()));

    [Theory]
    [MemberData(nameof(Names))]
    [Requirement("R-035")]
    public void ComputeMac_EveryMacLength_IsACutOfTheLongest(string name)
    {
        Assert.True(MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm));
        byte[] key = AlgorithmRunner.Bytes(algorithm.IsTcpMd5 ? 20 : algorithm.TrafficKeyLength);
        byte[] message = AlgorithmRunner.Bytes(100);
        byte[] longest = AlgorithmRunner.Mac(algorithm, key, message, MacAlgorithm.LongestMac, cut: 36);
        for (int length = 1; length <= MacAlgorithm.LongestMac; length++)
        {
            Assert.Equal(longest[..length], AlgorithmRunner.Mac(algorithm, key, message, length, cut: 36));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ComputeMac_OneBitChanged_GivesAnotherMac(string name)
    {
        Assert.True(MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm));
        byte[] key = AlgorithmRunner.Bytes(algorithm.IsTcpMd5 ? 20 : algorithm.TrafficKeyLength);
        byte[] message = AlgorithmRunner.Bytes(200);
        byte[] right = AlgorithmRunner.Mac(algorithm, key, message, 12, cut: 36);
        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(right, AlgorithmRunner.Mac(algorithm, key, message, 12, cut: 36));
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData("hmac-sha-1-96", "hmac-sha-1-96")]
    [InlineData("HMAC-SHA-1-96", "hmac-sha-1-96")]
    [InlineData("hmac(sha1)", "hmac-sha-1-96")]
    [InlineData("SHA1", "hmac-sha-1-96")]
    [InlineData("sha1", "hmac-sha-1-96")]
    [InlineData("aes-128-cmac-96", "aes-128-cmac-96")]
    [InlineData("cmac(aes128)", "aes-128-cmac-96")]
    [InlineData("AES128", "aes-128-cmac-96")]
    [InlineData("hmac(sha256)", "hmac-sha-256")]
    [InlineData("hmac-sha-256", "hmac-sha-256")]
    [InlineData("hmac-sha-256-128", "hmac-sha-256-128")]
    [InlineData("kmac-256-128", "kmac-256-128")]
    [InlineData("tcp-md5", "tcp-md5")]
    [Requirement("R-110")]
    public void TryGet_NameOrAlias_FindsTheAlgorithm(string spelling, string name)
    {
        Assert.True(MacAlgorithms.TryGet(spelling, out MacAlgorithm? algorithm));
        Assert.Equal(name, algorithm.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" sha1")]
    [InlineData("sha")]
    [InlineData("md5")]
    [InlineData("hmac(md5)")]
    [InlineData("hmac-sha-512")]
    public void TryGet_AnythingElse_IsRefused(string spelling) => Assert.False(MacAlgorithms.TryGet(spelling, out _));

    [Fact]
    public void Names_InAnErrorMessage_ListAllAlgorithms() =>
        Assert.Equal("hmac-sha-1-96, aes-128-cmac-96, hmac-sha-256, hmac-sha-256-128, kmac-256-128, tcp-md5", MacAlgorithms.Names);

    [Fact]
    [Requirement("R-101")]
    public void Algorithms_LengthsAndLinuxNames_AreThoseOfTheirDocuments()
    {
        Assert.Equal(
            [(20, 12, 4, 16), (16, 12, 4, 16), (32, 12, 4, 16), (32, 16, 4, 16), (32, 16, 4, 16), (0, 16, 16, 16)],
            MacAlgorithms.All.Select(a => (a.TrafficKeyLength, a.DefaultMacLength, a.MinMacLength, a.MaxMacLength)));
        Assert.Equal(["hmac(sha1)", "cmac(aes128)", "hmac(sha256)", null, null, null], MacAlgorithms.All.Select(a => a.LinuxName));
        Assert.True(MacAlgorithms.TcpMd5.IsTcpMd5);
        Assert.False(MacAlgorithms.HmacSha1.IsTcpMd5);
    }

    [Fact]
    public void FixedTimeMac_EveryLength_SeesEveryBit()
    {
        for (int length = 1; length <= 16; length++)
        {
            byte[] mac = AlgorithmRunner.Bytes(length);
            byte[] other = [.. mac];
            Assert.True(FixedTimeMac.Equals(mac, other));
            for (int bit = 0; bit < length * 8; bit++)
            {
                other[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(FixedTimeMac.Equals(mac, other));
                other[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Theory]
    [InlineData(12, 11)]
    [InlineData(12, 16)]
    [InlineData(0, 0)]
    [InlineData(17, 17)]
    public void FixedTimeMac_LengthsThatDifferOrDoNotExist_AreFalse(int a, int b) => Assert.False(FixedTimeMac.Equals(new byte[a], new byte[b]));

    private static long Allocated(MacAlgorithm algorithm)
    {
        using Secret secret = Secret.FromBytes(AlgorithmRunner.Bytes(20));
        byte[] trafficKey = new byte[algorithm.IsTcpMd5 ? 20 : algorithm.TrafficKeyLength];
        byte[] context = AlgorithmRunner.Bytes(44);
        byte[] message = AlgorithmRunner.Bytes(1500);
        byte[] mac = new byte[algorithm.DefaultMacLength];
        return Support.Allocated.Least(() =>
        {
            for (int i = 0; i < 40; i++)
            {
                Run();
            }
        });

        void Run()
        {
            algorithm.DeriveTrafficKey(secret, context, trafficKey);
            algorithm.Prepare(trafficKey, out TrafficKey key);
            algorithm.ComputeMac(in key, message.AsSpan(0, 60), message.AsSpan(60), mac);
            key.Clear();
        }
    }
}
