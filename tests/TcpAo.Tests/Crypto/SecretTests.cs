using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

public sealed class SecretTests
{
    [Fact]
    [Requirement("R-104")]
    public void FromText_AsciiAndUtf8_TakesTheBytesWithoutTerminator()
    {
        using Secret ascii = Secret.FromText("testvector");
        using Secret hex = Secret.FromHex("74657374766563746f72");
        using Secret upper = Secret.FromHex("74657374766563746F72");
        using Secret utf8 = Secret.FromText("ü");
        Assert.Equal("testvector"u8.ToArray(), ascii.Bytes.ToArray());
        Assert.True(ascii.FixedTimeEquals(hex));
        Assert.True(ascii.FixedTimeEquals(upper));
        Assert.False(ascii.FixedTimeEquals(utf8));
        Assert.Equal([0xC3, 0xBC], utf8.Bytes.ToArray());
        Assert.Equal(10, ascii.Length);
    }

    [Fact]
    [Requirement("R-112")]
    public void From_NothingAtAll_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Secret.FromBytes([]));
        Assert.Throws<ArgumentException>(() => Secret.FromText(""));
        Assert.Throws<ArgumentException>(() => Secret.FromHex(""));
    }

    [Fact]
    public void From_80Bytes_IsTakenAnd81AreRefused()
    {
        using Secret longest = Secret.FromBytes(AlgorithmRunner.Bytes(80));
        Assert.Equal(80, longest.Length);
        Assert.Throws<ArgumentException>(() => Secret.FromBytes(AlgorithmRunner.Bytes(81)));
        Assert.Throws<ArgumentException>(() => Secret.FromText(new string('k', 81)));
        Assert.Throws<ArgumentException>(() => Secret.FromHex(new string('a', 162)));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("zz")]
    [InlineData("0x12")]
    [InlineData("12 34 ")]
    public void FromHex_NotHexDigits_IsRefused(string hex) => Assert.Throws<ArgumentException>(() => Secret.FromHex(hex));

    [Fact]
    public void Printing_AnyWay_ShowsNoByteOfTheKey()
    {
        using Secret secret = Secret.FromText("hunter2hunter2");
        string[] printed =
        [
            secret.ToString(),
            $"{secret}",
            string.Format(System.Globalization.CultureInfo.InvariantCulture, "{0,-20}", secret),
            Message(() => Secret.FromText(string.Concat(Enumerable.Repeat("hunter2", 12)))),
            Message(() => Secret.FromHex("hunter2hunter2")),
            Message(() => Secret.FromHex("hunter2")),
            Message(() => Secret.FromHex(string.Concat(Enumerable.Repeat("68756e74657232", 12)))),
        ];
        Assert.Equal("***", secret.ToString());
        Assert.All(printed, text =>
        {
            Assert.DoesNotContain("hunter2", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("68756e74657232", text, StringComparison.OrdinalIgnoreCase);
        });
        Assert.Equal([nameof(Secret.Length)], typeof(Secret).GetProperties().Select(p => p.Name));
        Assert.Equal([nameof(Secret.MaxLength)], typeof(Secret).GetFields().Select(f => f.Name));

        static string Message(Func<Secret> make) => Assert.ThrowsAny<ArgumentException>(make).ToString();
    }

    [Fact]
    public void Dispose_AKey_ErasesItsBytes()
    {
        Secret secret = Secret.FromText("testvector");
        secret.Dispose();
        Assert.Equal(new byte[10], secret.Bytes.ToArray());
    }

    [Fact]
    public void FromBytes_CallersArrayErasedAfterwards_KeepsACopy()
    {
        byte[] bytes = [1, 2, 3];
        using Secret secret = Secret.FromBytes(bytes);
        Array.Clear(bytes);
        Assert.Equal([1, 2, 3], secret.Bytes.ToArray());
    }

    [Fact]
    public void Clear_APreparedKey_LeavesNothing()
    {
        foreach (MacAlgorithm algorithm in MacAlgorithms.All)
        {
            algorithm.Prepare(AlgorithmRunner.Bytes(algorithm.IsTcpMd5 ? 20 : algorithm.TrafficKeyLength), out TrafficKey key);
            Assert.True(key.Bytes.ContainsAnyExcept((byte)0));
            key.Clear();
            Assert.False(key.Bytes.ContainsAnyExcept((byte)0));
        }
    }
}
