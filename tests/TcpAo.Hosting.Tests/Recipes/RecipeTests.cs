using System.Text;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Recipes;
using TcpAo.Hosting.Tests.Support;
using TcpAo.KeyChains;
using Xunit;

namespace TcpAo.Hosting.Tests.Recipes;

/// <summary>What the other side is told: ids swapped, its default of include-tcp-options righted, and a sentence where it cannot do it.</summary>
public sealed class RecipeTests
{
    private const string Secret1 = "Jx7Qp2Lm9Vt4Rk6Wz1Ns8Bd3Gh5";
    private const string Secret2 = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9";

    private const string OneKey = "id: 1, send-id: 61, recv-id: 84, algorithm: aes-128-cmac-96, secret: " + Secret1;

    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Formats => [.. RecipeBook.All.Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Recipe_OfARollover_IsTheApprovedOne(string format)
    {
        bool hasOneId = format is "eos" or "sros";
        string ids = hasOneId ? "send-id: 1, recv-id: 1" : "send-id: 61, recv-id: 84";
        string more = hasOneId ? "send-id: 2, recv-id: 2" : "send-id: 62, recv-id: 85";
        TcpAoConfiguration configuration = Configuration(
            $"id: 1, {ids}, algorithm: aes-128-cmac-96, secret: {Secret1}, send-lifetime: {{ start: 2026-01-01T00:00:00Z, end: 2026-12-01T13:00:00Z }}, accept-lifetime: {{ start: 2026-01-01T00:00:00Z, end: 2026-12-01T14:00:00Z }}",
            $"id: 2, {more}, algorithm: aes-128-cmac-96, secret: {Secret2}, send-lifetime: {{ start: 2026-12-01T12:00:00Z }}, accept-lifetime: {{ start: 2026-11-27T12:00:00Z }}");
        string text = RecipeBook.Find(format)!.Write(new RecipeRequest(configuration.KeyChains[0], s_now) { Peer = configuration.Peers[0], WithSecrets = true });
        Golden.Match(text, $"recipe-{format}");
        string hidden = RecipeBook.Find(format)!.Write(new RecipeRequest(configuration.KeyChains[0], s_now) { Peer = configuration.Peers[0] });
        Assert.All([Secret1, Secret2], secret => Assert.DoesNotContain(secret, hidden, StringComparison.Ordinal));
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.ASCII.GetBytes(Secret1)), hidden, StringComparison.Ordinal);
        Assert.Contains("<secret-of-key-2>", hidden, StringComparison.Ordinal);
    }

    // facts of each kind of router: ids swapped, and options included where its default is not to
    [Theory]
    [InlineData("ios-xe", "  send-id 84\n  recv-id 61\n", " ao core include-tcp-options\n")]
    [InlineData("ios-xr", "  key 1 SendID 84 ReceiveID 61\n", "  ao core include-tcp-options enable\n")]
    [InlineData("junos", "key 1 ao-attribute send-id 84\n", "ao-attribute tcp-ao-option enabled\n")]
    [InlineData("bird", "send id 84; recv id 61; ", "algorithm cmac aes128")]
    [InlineData("gobgp", "key-id = 84\n      receive-id = 61\n", "crypto-algorithm = \"aes_128_cmac_96\"")]
    public void Recipe_OfAKeyWithTwoIds_SwapsThemAndIncludesOptions(string format, string ids, string options)
    {
        string text = Write(format, OneKey);
        Assert.Contains(ids, text, StringComparison.Ordinal);
        Assert.Contains(options, text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.2", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ios-xe", " ao core\n")]
    [InlineData("ios-xr", " ao core include-tcp-options disable\n")]
    [InlineData("junos", "tcp-ao-option disabled\n")]
    [InlineData("gobgp", "exclude-tcp-options = true\n")]
    public void Recipe_OfAKeyWithoutOptions_SaysSo(string format, string expected) =>
        Assert.Contains(expected, Write(format, $"{OneKey}, include-tcp-options: false"), StringComparison.Ordinal);

    [Theory]
    [InlineData("ios-xe", "id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: " + Secret1, "is not known to have hmac-sha-256")]
    [InlineData("ios-xr", "id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: " + Secret1, "is not known to have hmac-sha-256")]
    [InlineData("junos", "id: 1, send-id: 1, recv-id: 1, algorithm: kmac-256-128, secret: " + Secret1, "is not known to have kmac-256-128")]
    [InlineData("sros", "id: 1, send-id: 1, recv-id: 1, mac-length: 16, secret: " + Secret1, "has no setting for a MAC of 16 bytes")]
    [InlineData("sros", "id: 1, send-id: 61, recv-id: 84, secret: " + Secret1, "entries go from 0 to 63")]
    [InlineData("sros", "id: 1, send-id: 1, recv-id: 1, include-tcp-options: false, secret: " + Secret1, "always covers the other TCP options")]
    [InlineData("eos", OneKey, "has one id of a key for both ways")]
    [InlineData("eos", "id: 1, send-id: 1, recv-id: 1, include-tcp-options: false, secret: " + Secret1, "always covers the other TCP options")]
    [InlineData("bird", "id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256-128, secret: " + Secret1, "has no hmac-sha-256-128")]
    [InlineData("bird", "id: 1, send-id: 1, recv-id: 1, include-tcp-options: false, secret: " + Secret1, "always covers the other TCP options")]
    [InlineData("gobgp", "id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256-128, secret: " + Secret1, "has no hmac-sha-256-128")]
    [InlineData("ios-xe", "id: 1, send-id: 1, recv-id: 1, secret-hex: 00112233445566778899aabbccddeeff", "keys generate --text")]
    [InlineData("junos", "id: 1, send-id: 1, recv-id: 1, secret: 'with a \" in the middle of it'", "keys generate --text")]
    [InlineData("ios-xr", "id: 1, send-id: 1, recv-id: 1, no-send: true, secret: " + Secret1, "no key for one way alone")]
    [InlineData("ios-xr", "id: 1, send-id: 1, recv-id: 1, secret: " + Secret1 + ", accept-lifetime: { start: 2026-02-01T00:00:00Z }", "signs while it is not accepted")]
    [InlineData("ios-xr", "id: 1, algorithm: tcp-md5, secret: " + Secret1, "has TCP MD5 in another place")]
    [InlineData("junos", "id: 1, send-id: 1, recv-id: 1, secret: " + Secret1 + ", lifetime: { end: 2026-01-01T00:00:00Z }", "is over")]
    public void Recipe_OfWhatTheRouterCannotDo_IsRefusedWithASentence(string format, string key, string expected)
    {
        RecipeException refusal = Assert.Throws<RecipeException>(() => Write(format, key));
        Assert.Contains(expected, Assert.Single(refusal.Sentences), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret1, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Recipe_OfAChainWhoseNameIsNoWord_IsRefused(string format)
    {
        TcpAoConfiguration configuration = ConfigurationFile.Parse($"key-chains:\n  - name: 'core; no shutdown'\n    keys:\n      - {{ id: 1, send-id: 1, recv-id: 1, secret: {Secret1} }}\n", "tcpao.yaml", "/nonexistent");
        RecipeException refusal = Assert.Throws<RecipeException>(() => RecipeBook.Find(format)!.Write(new RecipeRequest(configuration.KeyChains[0], s_now)));
        Assert.Contains("name of this chain", Assert.Single(refusal.Sentences), StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_ForIosXr_GivesBothLifetimesTheSame()
    {
        string text = Write("ios-xr", $"{OneKey}, send-lifetime: {{ start: 2026-02-01T00:00:00Z, end: 2026-12-01T00:00:00Z }}, accept-lifetime: {{ start: 2026-01-01T00:00:00Z, end: 2027-01-01T06:30:00Z }}");
        Assert.Contains("  accept-lifetime 00:00:00 january 01 2026 06:30:00 january 01 2027\n", text, StringComparison.Ordinal);
        Assert.Contains("  send-lifetime 00:00:00 january 01 2026 06:30:00 january 01 2027\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hmac-sha-256", "", "hmac_sha_256_96")]
    [InlineData("hmac-sha-256", ", mac-length: 16", "hmac_sha_256_128")]
    [InlineData("hmac-sha-1-96", "", "hmac_sha_1_96")]
    [Requirement("R-139")]
    public void Recipe_ForGoBgp_NamesLinuxAlgorithms(string algorithm, string more, string expected) =>
        Assert.Contains($"\"{expected}\"", Write("gobgp", $"id: 1, send-id: 1, recv-id: 1, algorithm: {algorithm}{more}, secret: {Secret1}"), StringComparison.Ordinal);

    [Fact]
    public void Recipe_ForBird_WritesBinarySecretsInHex() =>
        Assert.Contains("secret hex:00:11:ff:", Write("bird", "id: 1, send-id: 1, recv-id: 1, secret-hex: 0011ff0033445566778899aabbccddee"), StringComparison.Ordinal);

    [Fact]
    public void Recipe_OfAPeerWithoutAnAddressOfOurs_HasAMark()
    {
        TcpAoConfiguration configuration = Configuration(OneKey);
        string text = RecipeBook.Find("ios-xe")!.Write(new RecipeRequest(configuration.KeyChains[0], s_now));
        Assert.Contains("neighbor <our-address> ao core", text, StringComparison.Ordinal);
        text = RecipeBook.Find("ios-xe")!.Write(new RecipeRequest(configuration.KeyChains[0], s_now) { OurAddress = "2001:db8::1" });
        Assert.Contains("neighbor 2001:db8::1 ao core", text, StringComparison.Ordinal);
    }

    private static string Write(string format, params string[] keys)
    {
        TcpAoConfiguration configuration = Configuration(keys);
        return RecipeBook.Find(format)!.Write(new RecipeRequest(configuration.KeyChains[0], s_now) { Peer = configuration.Peers[0], WithSecrets = true });
    }

    private static TcpAoConfiguration Configuration(params string[] keys) => ConfigurationFile.Parse(
        $"key-chains:\n  - name: core\n    keys:\n{string.Concat(keys.Select(key => $"      - {{ {key} }}\n"))}peers:\n  - {{ name: transit, remote: 192.0.2.1, local: 192.0.2.2, key-chain: core }}\n",
        "tcpao.yaml",
        "/nonexistent");
}
