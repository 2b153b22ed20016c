using System.Text.Json;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Recipes;
using TcpAo.Hosting.Tests.Cli;
using TcpAo.Hosting.Tests.Support;
using TcpAo.KeyChains;
using Xunit;

namespace TcpAo.Hosting.Tests.KeyFiles;

/// <summary>Every finding of <c>keys check</c>, with its key, its line and its severity.</summary>
[Collection(ConsoleTests.Name)]
public sealed class KeyCheckTests
{
    private const string Good = "Jx7Qp2Lm9Vt4Rk6Wz1Ns8Bd3Gh5";
    private const string Good2 = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9";

    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    // keys in the lines from 4 on
    [Theory]
    [Requirement("R-018", "R-044", "R-117", "R-123", "R-137")]
    [InlineData("id-clash", KeyFindingSeverity.Error, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 1, recv-id: 2, secret: " + Good2)]
    [InlineData("id-clash", KeyFindingSeverity.Error, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 2, recv-id: 1, secret: " + Good2)]
    [InlineData("id-clash", KeyFindingSeverity.Error, 1UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 1, send-id: 2, recv-id: 2, secret: " + Good2)]
    [InlineData("md5-mixed", KeyFindingSeverity.Error, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, algorithm: tcp-md5, secret: " + Good2)]
    [InlineData("never-valid", KeyFindingSeverity.Warning, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 2, recv-id: 2, no-send: true, no-recv: true, secret: " + Good2)]
    [InlineData("signs-unaccepted", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", accept-lifetime: { start: 2026-02-01T00:00:00Z }")]
    [InlineData("closed-for-ever", KeyFindingSeverity.Warning, null, 4, "id: 1, send-id: 1, recv-id: 1, no-send: true, secret: " + Good)]
    [InlineData("short-secret", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256-128, secret: " + Good)]
    [InlineData("send-gap", KeyFindingSeverity.Warning, null, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", send-lifetime: { end: 2027-01-01T00:00:00Z }", "id: 2, send-id: 2, recv-id: 2, secret: " + Good2 + ", send-lifetime: { start: 2027-01-02T00:00:00Z }")]
    [InlineData("accept-gap", KeyFindingSeverity.Warning, null, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", lifetime: { end: 2027-01-01T00:00:00Z }", "id: 2, send-id: 2, recv-id: 2, secret: " + Good2 + ", lifetime: { start: 2027-01-02T00:00:00Z }")]
    [InlineData("nothing-sends", KeyFindingSeverity.Error, null, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", send-lifetime: { end: 2026-11-01T00:00:00Z }")]
    [InlineData("nothing-accepts", KeyFindingSeverity.Error, null, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", accept-lifetime: { end: 2026-11-01T00:00:00Z }, send-lifetime: { end: 2026-10-01T00:00:00Z }")]
    [InlineData("runs-out", KeyFindingSeverity.Warning, null, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", send-lifetime: { end: 2026-12-20T00:00:00Z }")]
    [InlineData("runs-out", KeyFindingSeverity.Note, null, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", send-lifetime: { end: 2027-12-20T00:00:00Z }")]
    [InlineData("expired", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", lifetime: { end: 2026-01-01T00:00:00Z }", "id: 2, send-id: 2, recv-id: 2, secret: " + Good2)]
    [InlineData("no-end", KeyFindingSeverity.Warning, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 2, recv-id: 2, secret: " + Good2)]
    [InlineData("no-overlap", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", lifetime: { end: 2027-01-01T00:00:00Z }", "id: 2, send-id: 2, recv-id: 2, secret: " + Good2 + ", send-lifetime: { start: 2027-01-01T00:00:00Z }")]
    [InlineData("no-overlap", KeyFindingSeverity.Warning, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good + ", send-lifetime: { end: 2027-01-01T00:00:00Z }", "id: 2, send-id: 2, recv-id: 2, secret: " + Good2 + ", lifetime: { start: 2027-01-01T00:00:00Z }")]
    [InlineData("known-secret", KeyFindingSeverity.Error, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: testvector")]
    [InlineData("known-secret", KeyFindingSeverity.Error, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: Cisco123")]
    [InlineData("weak-secret", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: aaaaaaaaaaaaaaaaaaaab")]
    [InlineData("weak-secret", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: qGm5xkT2")]
    [InlineData("weak-secret", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: correcthorsebattery")]
    [InlineData("secret-blank", KeyFindingSeverity.Warning, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: '" + Good + " '")]
    [InlineData("secret-in-hex", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: 00112233445566778899aabbccddeeff")]
    [InlineData("same-secret", KeyFindingSeverity.Warning, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 2, recv-id: 2, secret: " + Good)]
    [InlineData("configuration", KeyFindingSeverity.Error, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, sekret: " + Good)]
    [InlineData("vendor-algorithm", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: " + Good)]
    [InlineData("vendor-mac-length", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, mac-length: 16, secret: " + Good)]
    [InlineData("vendor-one-id", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 61, recv-id: 84, secret: " + Good)]
    [InlineData("vendor-entry", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 84, recv-id: 84, secret: " + Good)]
    [InlineData("vendor-options", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, include-tcp-options: false, secret: " + Good)]
    [InlineData("vendor-options-default", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret: " + Good)]
    [InlineData("vendor-secret-form", KeyFindingSeverity.Note, 1UL, 4, "id: 1, send-id: 1, recv-id: 1, secret-hex: 00112233445566778899aabbccddeeff")]
    [InlineData("vendor-one-way", KeyFindingSeverity.Note, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 2, recv-id: 2, no-send: true, secret: " + Good2)]
    [InlineData("vendor-start-time", KeyFindingSeverity.Note, 2UL, 5, "id: 1, send-id: 1, recv-id: 1, secret: " + Good, "id: 2, send-id: 2, recv-id: 2, secret: " + Good2)]
    [InlineData("vendor-md5", KeyFindingSeverity.Note, 1UL, 4, "id: 1, algorithm: tcp-md5, secret: " + Good)]
    public void Check_OfKeysWithOneThingWrong_FindsItInItsPlace(string code, KeyFindingSeverity severity, ulong? key, int line, params string[] keys)
    {
        using TempFolder folder = new();
        KeyFileFinding[] found = [.. Check(folder, keys).Where(found => string.Equals(found.Finding.Code, code, StringComparison.Ordinal))];
        Assert.NotEmpty(found);
        Assert.Contains(found, each => each.Finding.Severity == severity && each.Finding.Key == key && each.Line == line);
        Assert.All(found, each => Assert.Equal("core", each.Finding.Chain));
        Assert.All(found, each => Assert.DoesNotContain(Good, $"{each.Finding.Message}{each.Finding.Hint}", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_OfAGoodFile_FindsNothingButNotes()
    {
        using TempFolder folder = new();
        KeyFileFinding[] found = Check(folder, $"id: 1, send-id: 1, recv-id: 1, algorithm: aes-128-cmac-96, secret: {Good}");
        Assert.All(found, each => Assert.Equal(KeyFindingSeverity.Note, each.Finding.Severity));
    }

    [Fact]
    public void Check_OfSecretsThatTwoChainsShare_FindsThem()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", $"key-chains:\n  - {{ name: a, keys: [ {{ id: 1, send-id: 1, recv-id: 1, secret: {Good} }} ] }}\n  - {{ name: b, keys: [ {{ id: 1, send-id: 1, recv-id: 1, secret: {Good} }} ] }}\n");
        KeyFileFinding found = Assert.Single(KeyFileCheck.Check(path, null, null, s_now), found => found.Finding.Code is "shared-secret");
        Assert.Equal(("b", 3), (found.Finding.Chain, found.Line));
    }

    [Fact]
    public void Check_OfASecretThatOthersMayRead_FindsIt()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", $"key-chains:\n  - name: core\n    keys:\n      - {{ id: 1, send-id: 1, recv-id: 1, secret: {Good} }}\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        KeyFileFinding found = Assert.Single(KeyFileCheck.Check(path, null, null, s_now), found => found.Finding.Code is "secret-readable");
        Assert.Equal(("core", 1UL, 4), (found.Finding.Chain, found.Finding.Key, found.Line));
    }

    [Fact]
    public void Check_OfManyKeys_SaysThatJunosHasNoRoom()
    {
        using TempFolder folder = new();
        string[] keys = [.. Enumerable.Range(0, 65).Select(n => $"id: {n}, send-id: {n}, recv-id: {n}, secret: {Good}{n}, send-lifetime: {{ start: {2000 + n}-01-01T00:00:00Z, end: {2002 + n}-01-01T00:00:00Z }}")];
        Assert.Contains(Check(folder, keys), found => found.Finding.Code is "vendor-many-keys" && found.Finding.Message.StartsWith("junos: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_OfAChainWhoseNameIsNoWord_SaysSo()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", $"key-chains:\n  - name: two words\n    keys:\n      - {{ id: 1, send-id: 1, recv-id: 1, secret: {Good} }}\n");
        KeyFileFinding found = Assert.Single(KeyFileCheck.Check(path, null, null, s_now), found => found.Finding.Code is "vendor-name");
        Assert.Equal(("two words", 2), (found.Finding.Chain, found.Line));
    }

    [Fact]
    public void Check_ForOneKindOfRouter_MakesItsLimitsErrors()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", $"key-chains:\n  - name: core\n    keys:\n      - {{ id: 1, send-id: 61, recv-id: 84, secret: {Good} }}\n");
        KeyFileFinding found = Assert.Single(KeyFileCheck.Check(path, null, RecipeBook.Find("eos"), s_now), found => found.Finding.Severity == KeyFindingSeverity.Error);
        Assert.Equal("vendor-one-id", found.Finding.Code);
        Assert.DoesNotContain(KeyFileCheck.Check(path, null, RecipeBook.Find("ios-xe"), s_now), found => found.Finding.Severity == KeyFindingSeverity.Error);
    }

    [Fact]
    public void Check_OnTheCommandLine_ExitsWithOneOnFindingsAndTellsThemAsJson()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 1, recv-id: 1, secret: testvector }\n");
        CliRun run = CliRun.Of("keys", "check", "-c", path, "--no-notes");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{path}:4:9: error: key-chains[core].keys[1]: ", run.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("[known-secret]", run.Lines[0], StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse(CliRun.Of("keys", "check", "-c", path, "--json").Output).RootElement;
        Assert.Equal(("tcpao.keys/1", "check", 1), (json.GetProperty("schema").GetString(), json.GetProperty("verb").GetString(), json.GetProperty("errors").GetInt32()));
        Assert.Equal("known-secret", json.GetProperty("findings")[0].GetProperty("code").GetString());
        folder.Write("tcpao.yaml", $"key-chains:\n  - name: core\n    keys:\n      - {{ id: 1, send-id: 1, recv-id: 1, secret: {Good} }}\n");
        Assert.Equal(0, CliRun.Of("keys", "check", "-c", path).ExitCode);
        Assert.Equal(3, CliRun.Of("keys", "check", "-c", folder.Write("bad.yaml", "a: [")).ExitCode);
    }

    private static KeyFileFinding[] Check(TempFolder folder, params string[] keys)
    {
        string path = folder.Write("tcpao.yaml", $"key-chains:\n  - name: core\n    keys:\n{string.Concat(keys.Select(key => $"      - {{ {key} }}\n"))}");
        return [.. KeyFileCheck.Check(path, null, null, s_now)];
    }
}
