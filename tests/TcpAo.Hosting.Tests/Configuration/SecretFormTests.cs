using System.Text;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

/// <summary>Where secrets come from, what is warned of, and that none is ever told.</summary>
public sealed class SecretFormTests
{
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    [Theory]
    [Requirement("R-104")]
    [InlineData("secret: 1234", "1234")]
    [InlineData("secret: 0x10", "0x10")]
    [InlineData("secret: true", "true")]
    [InlineData("secret: null", "null")]
    [InlineData("secret: ~", "~")]
    [InlineData("secret: pass word", "pass word")]
    [InlineData("secret: 'pass # word '", "pass # word ")]
    [InlineData("secret: \"p\\u00e4ss\"", "päss")]
    [InlineData("secret-hex: 0123", "\u0001#")]
    [InlineData("secret-hex: \"0123\"", "\u0001#")]
    [InlineData("secret-hex: 41e5", "A\u00e5")]
    [InlineData("secret-hex: aBcD", "\u00ab\u00cd")]
    public void Secret_Inline_TakesTheTextAsWritten(string written, string expected)
    {
        byte[] bytes = written.StartsWith("secret-hex", StringComparison.Ordinal) ? Encoding.Latin1.GetBytes(expected) : Encoding.UTF8.GetBytes(expected);

        Assert.True(Read(written).FixedTimeEquals(Secret.FromBytes(bytes)));
    }

    [Theory]
    [InlineData("key", "key")]
    [InlineData("key\n", "key")]
    [InlineData("key\r\n", "key")]
    [InlineData("key\n\n", "key\n")]
    [InlineData("key\r", "key\r")]
    [InlineData(" key \n", " key ")]
    public void SecretFile_FinalLineEnd_OneIsLeftOut(string content, string expected)
    {
        using TempFolder folder = new();
        folder.Write("a.key", content);

        Assert.True(Read("secret-file: a.key", folder.Path).FixedTimeEquals(Secret.FromText(expected)));
    }

    [Fact]
    public void SecretFile_BinaryContent_IsTakenByteForByte()
    {
        using TempFolder folder = new();
        byte[] content = [0, 0xFF, 0xEF, 0xBB, 0xBF, 13];
        string path = folder.Write("a.key", content);

        Assert.True(Read($"secret-file: {path}", "/nonexistent").FixedTimeEquals(Secret.FromBytes(content)));
    }

    [Fact]
    public void SecretHexFile_WhitespaceAround_IsLeftOut()
    {
        using TempFolder folder = new();
        folder.Write("a.hex", " \t0001FF\r\n\n");

        Assert.True(Read("secret-hex-file: a.hex", folder.Path).FixedTimeEquals(Secret.FromBytes([0, 1, 255])));
    }

    [Fact]
    public void SecretEnv_VariableSet_ItsTextIsTheSecret()
    {
        Environment.SetEnvironmentVariable("TCPAO_TEST_SECRET_ENV", "from outside");

        Assert.True(Read("secret-env: TCPAO_TEST_SECRET_ENV").FixedTimeEquals(Secret.FromText("from outside")));
    }

    [Fact]
    public void SecretFile_OthersMayRead_Warning()
    {
        using TempFolder folder = new();
        string secret = folder.Write("a.key", "hunter2", Open);
        string file = folder.Write("tcpao.yaml", Yaml("secret-file: a.key"), Open);

        ConfigurationError warning = Assert.Single(ConfigurationFile.Load(file).Warnings);
        Assert.Equal($"{file}:3:49: key-chains[c].keys[1].secret-file: group or others may read '{secret}'; chmod 600 {secret}", warning.ToString());
    }

    [Fact]
    public void SecretInline_OthersMayReadTheConfiguration_OneWarning()
    {
        using TempFolder folder = new();
        string yaml = Yaml("secret: hunter2", ", { id: 2, send-id: 2, recv-id: 2, secret-hex: '00' }");
        string file = folder.Write("t.yaml", yaml, Open);

        ConfigurationError warning = Assert.Single(ConfigurationFile.Load(file).Warnings);
        Assert.Equal((3, "key-chains[c].keys[1].secret"), (warning.Line, warning.Path));
        Assert.StartsWith("a secret stands in a file that group or others may read", warning.Message, StringComparison.Ordinal);
        Assert.StartsWith("chmod 600 ", warning.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void SecretInline_OnlyTheOwnerMayRead_NoWarning()
    {
        using TempFolder folder = new();

        Assert.Empty(ConfigurationFile.Load(folder.Write("t.yaml", Yaml("secret: hunter2"))).Warnings);
    }

    [Fact]
    public void SecretFile_CannotBeRead_SentenceWithPlaceAndReason()
    {
        using TempFolder folder = new();
        folder.Write("long.key", new string('x', 2000));
        folder.Write("empty.key", "\n");

        Assert.Equal("tcpao.yaml:3:49: key-chains[c].keys[1].secret-file: cannot read 'DIR/absent.key': no such file; relative names start from the folder of the configuration file", Error("secret-file: absent.key", folder));
        Assert.Equal("tcpao.yaml:3:49: key-chains[c].keys[1].secret-file: cannot read 'DIR/no/such.key': no such folder; relative names start from the folder of the configuration file", Error("secret-file: no/such.key", folder));
        Assert.Equal("tcpao.yaml:3:49: key-chains[c].keys[1].secret-file: cannot read 'DIR/.': it is a directory", Error("secret-file: .", folder));
        Assert.Equal("tcpao.yaml:3:49: key-chains[c].keys[1].secret-file: cannot read 'DIR/long.key': it has more than 1024 bytes; a key has at most 80 bytes", Error("secret-file: long.key", folder));
        Assert.Equal("tcpao.yaml:3:49: key-chains[c].keys[1].secret-file: the secret is empty", Error("secret-file: empty.key", folder));
    }

    // every way to get a secret wrong; each holds hunter2 or its hex
    [Theory]
    [Requirement("R-112")]
    [InlineData("secret: hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2")]
    [InlineData("secret-hex: hunter2")]
    [InlineData("secret-hex: 68756e746572320")]
    [InlineData("secret-hex: '0x68756e74657232'")]
    [InlineData("secret-env: hunter2")]
    [InlineData("secret-wrapped: hunter2")]
    [InlineData("secret: [hunter2]")]
    [InlineData("secret: { hunter2: hunter2, hunter2: 1 }")]
    [InlineData("secret: *hunter2")]
    [InlineData("secret: &hunter2 hunter2")]
    [InlineData("secret: !hunter2 hunter2")]
    [InlineData("secret: !x!hunter2 hunter2")]
    [InlineData("secret: \"\\xhunter2\"")]
    [InlineData("secret: 'hunter2")]
    [InlineData("secret: hunter2: x")]
    [InlineData("secret: @hunter2")]
    [InlineData("secret: %hunter2")]
    [InlineData("secret: s, secret-hex: hunter2")]
    [InlineData("secert: hunter2")]
    [InlineData("secret:hunter2")]
    [InlineData("secret=hunter2")]
    [InlineData("secret = hunter2")]
    [InlineData("send-lifetime: { secret: hunter2 }, secret: hunter2")]
    [InlineData("? secret:hunter2")]
    public void Secret_Wrong_IsNeverPartOfTheError(string written)
    {
        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => Read(written));

        Assert.NotEmpty(exception.Errors);
        Assert.DoesNotContain("hunter", exception.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("68756e", exception.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void SecretHexFile_WrongDigits_AreNotPartOfTheError()
    {
        using TempFolder folder = new();
        folder.Write("a.hex", "hunter2\n");

        Assert.Equal("tcpao.yaml:3:53: key-chains[c].keys[1].secret-hex-file: the secret may hold only hex digits, 0-9 and a-f", Error("secret-hex-file: a.hex", folder));
    }

    private static string Yaml(string secret, string more = "") =>
        $"key-chains:\n- {{ name: c, keys: [\n  {{ id: 1, send-id: 1, recv-id: 1, {secret} }}{more}] }}";

    private static Secret Read(string secret, string directory = "/nonexistent") =>
        ConfigurationFile.Parse(Yaml(secret), "tcpao.yaml", directory).KeyChains[0].Keys[0].Key.MasterKey;

    private static string Error(string secret, TempFolder folder) =>
        Assert.Single(Assert.Throws<ConfigurationException>(() => Read(secret, folder.Path)).Errors).ToString().Replace(folder.Path, "DIR", StringComparison.Ordinal);
}
