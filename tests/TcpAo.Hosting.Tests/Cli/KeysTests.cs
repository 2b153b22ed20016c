using System.Text;
using System.Text.Json;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Cli;

/// <summary><c>tcpao keys</c> from the command line: what it prints, what it returns, and that no output holds a secret that was not asked for.</summary>
[Collection(ConsoleTests.Name)]
public sealed class KeysTests
{
    private const string Key = "Jx7Qp2Lm9Vt4Rk6Wz1Ns8Bd3Gh5";
    private const string File1 = "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 61, recv-id: 84, secret: " + Key + " }   # ours\npeers:\n  - { name: transit, remote: 192.0.2.1, local: 192.0.2.2, key-chain: core }\n";

    [Theory]
    [Requirement("R-104", "R-109", "R-137")]
    [InlineData("hmac-sha-1-96", 40, 27)]
    [InlineData("aes-128-cmac-96", 32, 22)]
    [InlineData("hmac-sha-256", 64, 43)]
    [InlineData("hmac-sha-256-128", 64, 43)]
    [InlineData("kmac-256-128", 64, 43)]
    public void Generate_ForAnAlgorithm_HasItsLength(string algorithm, int hexDigits, int letters)
    {
        string hex = Assert.Single(CliRun.Of("keys", "generate", "-a", algorithm).Lines);
        string text = Assert.Single(CliRun.Of("keys", "generate", "-a", algorithm, "--text").Lines);
        Assert.Equal((hexDigits, letters), (hex.Length, text.Length));
        Assert.True(hex.All(char.IsAsciiHexDigitLower) && text.All(char.IsAsciiLetterOrDigit));
        Assert.NotEqual(hex, CliRun.Of("keys", "generate", "-a", algorithm).Lines[0]);
    }

    [Fact]
    public void Generate_IntoAFile_MakesItPrivateAndTellsNoSecret()
    {
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "new.hex");
        CliRun run = CliRun.Of("keys", "generate", "--out", path, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.DoesNotContain(File.ReadAllText(path).Trim(), run.Output + run.Error, StringComparison.Ordinal);
        Assert.Equal("secret-hex-file", JsonDocument.Parse(run.Output).RootElement.GetProperty("form").GetString());
        Assert.Equal(4, CliRun.Of("keys", "generate", "--out", path).ExitCode);
        Assert.Equal(2, CliRun.Of("keys", "generate", "--json").ExitCode);
        Assert.Equal(64, CliRun.Of("keys", "generate", "--kek").Lines[0].Length);
    }

    [Fact]
    public void List_OfAChain_TellsEverythingButTheSecret()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", File1);
        CliRun run = CliRun.Of("keys", "list", "-c", path);
        Assert.Equal(0, run.ExitCode);
        Assert.Matches("core/1 +61 +84 +hmac-sha-1-96 +12 +included +signs +always +always ", run.Output);
        JsonElement key = JsonDocument.Parse(CliRun.Of("keys", "list", "core", "-c", path, "--json").Output).RootElement.GetProperty("key-chains")[0].GetProperty("keys")[0];
        string fingerprint = key.GetProperty("fingerprint").GetString()!;
        Assert.Contains(fingerprint, run.Output, StringComparison.Ordinal);
        Assert.Equal(19, fingerprint.Length);
        Assert.Equal((true, true), (key.GetProperty("signs").GetBoolean(), key.GetProperty("accepted").GetBoolean()));
    }

    [Fact]
    public void Fingerprint_OfTheSameSecret_IsTheSameOnAnotherHost()
    {
        using TempFolder folder = new();
        string here = folder.Write("here.yaml", File1);
        string there = folder.Write("there.yaml", File1.Replace("send-id: 61, recv-id: 84", "send-id: 84, recv-id: 61", StringComparison.Ordinal).Replace("secret: " + Key, "secret-hex: " + Convert.ToHexString(Encoding.ASCII.GetBytes(Key)), StringComparison.Ordinal));
        string other = folder.Write("other.yaml", File1.Replace("Jx7", "Jx8", StringComparison.Ordinal));
        string foreign = folder.Write("foreign.yaml", File1.Replace("core", "elsewhere", StringComparison.Ordinal));
        Assert.Equal(Fingerprint(here), Fingerprint(there));
        Assert.NotEqual(Fingerprint(here), Fingerprint(other));
        Assert.NotEqual(Fingerprint(here), Fingerprint(foreign));
        Assert.Equal(Fingerprint(here, "--salt", "agreed"), Fingerprint(foreign, "--salt", "agreed"));

        // the published computation: PBKDF2 with HMAC-SHA-256, 600 000 rounds, the first 8 bytes
        byte[] expected = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes("tcpao-fingerprint-1:core/1"), 600_000, System.Security.Cryptography.HashAlgorithmName.SHA256, 8);
        Assert.Equal(Convert.ToHexStringLower(expected), Fingerprint(here).Replace("-", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Rollover_DryRun_PrintsThePlanAndChangesNothing()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", File1);
        CliRun dry = CliRun.Of("keys", "rollover", "core", "-c", path, "--dry-run");
        Assert.Equal(0, dry.ExitCode);
        Assert.Contains("key 2 comes: send-id 85, recv-id 85, hmac-sha-1-96", dry.Lines[0], StringComparison.Ordinal);
        Assert.Contains("is accepted and asked for from", dry.Lines[1], StringComparison.Ordinal);
        Assert.Contains("key 1 signs until", dry.Lines[2], StringComparison.Ordinal);
        Assert.Equal(File1, File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));

        CliRun wet = CliRun.Of("keys", "rollover", "core", "-c", path, "--lead", "2d", "--overlap", "1d", "--json");
        JsonElement json = JsonDocument.Parse(wet.Output).RootElement;
        Assert.Equal((0, true, 2), (wet.ExitCode, json.GetProperty("changed").GetBoolean(), json.GetProperty("key").GetInt32()));
        Assert.Equal(2, KeyFile.Open(path).Chain("core").Keys.Length);
        Assert.Contains("   # ours\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("keys", "check", "-c", path, "--no-notes").ExitCode);

        // one change at a time
        CliRun again = CliRun.Of("keys", "rollover", "core", "-c", path);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("a change is under way already", again.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "retire", "core", "1")]
    [InlineData(2, "retire", "core", "9")]
    [InlineData(2, "retire", "core", "1", "--force")]
    [InlineData(2, "retire", "cor", "1")]
    [InlineData(1, "add", "core", "--send-id", "61")]
    [InlineData(1, "add", "core", "--id", "1")]
    [InlineData(2, "add", "core", "--algorithm", "sha99")]
    [InlineData(2, "add", "core", "--send-until", "tomorrow")]
    [InlineData(2, "rollover", "core", "--lead", "soon")]
    [InlineData(2, "wrap")]
    public void Verb_ThatCannotBeDone_SaysWhyAndChangesNothing(int exitCode, params string[] args)
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", File1);
        CliRun run = CliRun.Of(["keys", .. args, "-c", path]);
        Assert.Equal((exitCode, string.Empty), (run.ExitCode, run.Output));
        Assert.StartsWith("tcpao: ", Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.Equal(File1, File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Reload_WithoutARunningProgram_SaysSoAfterTheFileIsChanged()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", File1);
        CliRun run = CliRun.Of("keys", "add", "core", "-c", path, "--reload", "--control", Path.Combine(folder.Path, "none.sock"));
        Assert.Equal(5, run.ExitCode);
        Assert.Equal(2, KeyFile.Open(path).Chain("core").Keys.Length);
    }

    [Fact]
    [Requirement("R-121", "R-122", "R-126")]
    public void ExportThenImport_OfYang_GivesTheSameKeys()
    {
        using TempFolder folder = new();
        string kek = folder.Write("kek", new string('a', 64));
        string path = folder.Write("tcpao.yaml", File1);
        Assert.Equal(0, CliRun.Of("keys", "rollover", "core", "-c", path).ExitCode);
        CliRun without = CliRun.Of("keys", "export", "-c", path);
        Assert.Equal(0, without.ExitCode);
        Assert.DoesNotContain(Key, without.Output, StringComparison.Ordinal);
        CliRun wrapped = CliRun.Of("keys", "export", "-c", path, "--wrapped", "--kek-file", kek);
        Assert.DoesNotContain(Key, wrapped.Output, StringComparison.Ordinal);
        CliRun clear = CliRun.Of("keys", "export", "-c", path, "--with-secrets");
        Assert.Contains($"\"keystring\": \"{Key}\"", clear.Output, StringComparison.Ordinal);
        string other = folder.Write("other.yaml", "key-chains:\n  - name: edge\n    keys:\n      - { id: 7, send-id: 7, recv-id: 7, secret: edgeedgeedge }\n");
        Assert.Equal(1, CliRun.Of("keys", "import", folder.Write("without.json", without.Output), "-c", other).ExitCode);
        Assert.Equal(0, CliRun.Of("keys", "import", folder.Write("wrapped.json", wrapped.Output), "-c", other, "--kek-file", kek).ExitCode);
        Assert.Matches("  - name: core\n    keys:\n      - \\{ id: 1, send-id: 61, recv-id: 84, algorithm: hmac-sha-1-96, secret-wrapped: [0-9a-f]+, ", File.ReadAllText(other));
        AssertSame(KeyFile.Open(path), KeyFile.Open(other, kek));

        // a second time there is nothing to do, and another secret under the same id is refused
        CliRun again = CliRun.Of("keys", "import", folder.Write("clear.json", clear.Output), "-c", other, "--kek-file", kek);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("there is nothing to change", again.Error, StringComparison.Ordinal);
        Assert.Equal(1, CliRun.Of("keys", "import", folder.Write("changed.json", clear.Output.Replace("Jx7", "Jx8", StringComparison.Ordinal)), "-c", other, "--kek-file", kek).ExitCode);
        CliRun bad = CliRun.Of("keys", "import", folder.Write("bad.json", clear.Output.Replace("keystring", "keystrin", StringComparison.Ordinal)), "-c", other, "--kek-file", kek);
        Assert.Equal(2, bad.ExitCode);
        Assert.DoesNotContain(Key, bad.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_ForTheOtherSide_SwapsIds()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", File1);
        Assert.Contains("\"send-id\": 84,", CliRun.Of("keys", "export", "-c", path, "--other-side").Output, StringComparison.Ordinal);
        CliRun recipe = CliRun.Of("keys", "export", "-c", path, "--format", "junos", "--peer", "transit");
        Assert.Equal(0, recipe.ExitCode);
        Assert.Contains("neighbor 192.0.2.2 authentication-key-chain core", recipe.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, recipe.Output + recipe.Error, StringComparison.Ordinal);
        Assert.Contains(Key, CliRun.Of("keys", "export", "-c", path, "--format", "junos", "--peer", "transit", "--with-secrets").Output, StringComparison.Ordinal);
        CliRun refused = CliRun.Of("keys", "export", "core", "-c", path, "--format", "eos");
        Assert.Equal((1, string.Empty), (refused.ExitCode, refused.Output));
        Assert.Contains("core/1: eos has one id of a key for both ways", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, CliRun.Of("keys", "export", "-c", path, "--format", "eos").ExitCode);
        Assert.Equal(2, CliRun.Of("keys", "export", "-c", path, "--format", "junos", "--peer", "nobody").ExitCode);
    }

    [Fact]
    public void Timeline_OfAChain_ShowsNowAndTheNextChangesAndIsAPicture()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", File1);
        string svg = Path.Combine(folder.Path, "keys.svg");
        CliRun.Of("keys", "rollover", "core", "-c", path);
        CliRun run = CliRun.Of("keys", "timeline", "-c", path, "--svg", svg);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("now: signs with core/1, asks for core/2", run.Output, StringComparison.Ordinal);
        Assert.Contains(": signs with core/2", run.Output, StringComparison.Ordinal);
        Assert.Contains(": core/1 is not accepted any more", run.Output, StringComparison.Ordinal);
        var picture = System.Xml.Linq.XDocument.Load(svg);
        Assert.Equal("svg", picture.Root!.Name.LocalName);
        Assert.Contains(picture.Descendants(), element => element.Name.LocalName is "title" && element.Value is "core/2 signs");
        Assert.Equal(2, JsonDocument.Parse(CliRun.Of("keys", "timeline", "-c", path, "--json").Output).RootElement.GetProperty("key-chains")[0].GetProperty("changes").GetArrayLength());
    }

    [Fact]
    public void EveryVerb_WithoutBeingAskedForSecrets_PrintsNone()
    {
        using TempFolder folder = new();
        string kek = folder.Write("kek", new string('b', 64));
        string path = folder.Write("tcpao.yaml", File1);
        string[][] verbs =
        [
            ["list"], ["list", "--json"], ["check"], ["check", "--json"], ["timeline"], ["timeline", "--json"], ["rollover", "core", "--dry-run"], ["rollover", "core", "--dry-run", "--json"],
            ["add", "core", "--dry-run"], ["retire", "core", "1"], ["export"], ["export", "--wrapped"], ["wrap", "--dry-run"], ["unwrap", "--dry-run", "--json"],
            .. Hosting.Recipes.RecipeBook.All.Select(recipe => (string[])["export", "core", "--format", recipe.Name]),
        ];
        string hex = Convert.ToHexString(Encoding.ASCII.GetBytes(Key));
        foreach (string[] verb in verbs)
        {
            CliRun run = CliRun.Of(["keys", .. verb, "-c", path, "--kek-file", kek]);
            Assert.InRange(run.ExitCode, 0, 1);
            string said = run.Output + run.Error;
            Assert.DoesNotContain(Key, said, StringComparison.Ordinal);
            Assert.DoesNotContain(hex, said.Replace(":", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.ASCII.GetBytes(Key)), said, StringComparison.Ordinal);
        }
    }

    private static string Fingerprint(string path, params string[] more) =>
        JsonDocument.Parse(CliRun.Of(["keys", "list", "-c", path, "--json", .. more]).Output).RootElement.GetProperty("key-chains")[0].GetProperty("keys")[0].GetProperty("fingerprint").GetString()!;

    private static void AssertSame(KeyFile left, KeyFile right) => Assert.All(left.Chain("core").Keys.Zip(right.Chain("core").Keys), pair =>
    {
        Assert.Equal(pair.First.Id, pair.Second.Id);
        Assert.True(pair.First.Key.HasSameMaterial(pair.Second.Key));
        Assert.Equal((pair.First.Key.SendLifetime, pair.First.Key.AcceptLifetime), (pair.Second.Key.SendLifetime, pair.Second.Key.AcceptLifetime));
    });
}
