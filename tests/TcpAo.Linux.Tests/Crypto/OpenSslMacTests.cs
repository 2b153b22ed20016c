using System.Security.Cryptography;
using TcpAo.Linux.Crypto;
using TcpAo.Linux.Diagnostics;
using Xunit;

namespace TcpAo.Linux.Tests.Crypto;

/// <summary>What benchmarks compare with is right itself.</summary>
public sealed class OpenSslMacTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(144)]
    public void Compute_WithOneContextAgainAndAgain_EqualsTheBcl(int length)
    {
        byte[] key = [.. Enumerable.Range(1, 20).Select(i => (byte)i)];
        using OpenSslMac? mac = OpenSslMac.TryCreate("HMAC", "digest", "SHA1", key);
        Assert.SkipWhen(mac is null, "This machine has no OpenSSL 3.");
        byte[] output = new byte[32];
        for (int i = 0; i < 3; i++)
        {
            byte[] message = [.. Enumerable.Repeat((byte)i, length)];
            Assert.Equal(20, mac.Compute(message, output));
            Assert.Equal(HMACSHA1.HashData(key, message), output[..20]);
        }
    }

    [Fact]
    public void TryCreate_OfADigestThatIsNone_IsNull() => Assert.Null(OpenSslMac.TryCreate("HMAC", "digest", "NO-SUCH-DIGEST", new byte[16]));

    [Fact]
    public void TimeStampCounter_WhereThereIsOne_GoesOn()
    {
        Assert.SkipUnless(TimeStampCounter.IsSupported, "This CPU has no counter.");
        ulong first = TimeStampCounter.Read();
        Assert.True(TimeStampCounter.Read() > first);
        Assert.InRange(TimeStampCounter.Frequency, 1e8, 1e11);
    }
}
