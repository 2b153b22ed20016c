using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Configuration;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;
using Xunit;

namespace TcpAo.Hosting.Tests.Sockets;

/// <summary>Key chains in .NET's own configuration.</summary>
public sealed class KeyChainSectionTests
{
    [Fact]
    public void Section_InJson_IsReadAsTheFileIs()
    {
        KeyChain chain = Assert.Single(Read("""
            { "TcpAo": { "key-chains": [ { "name": "web", "accept-tolerance": "60s", "keys": [
                { "id": 7, "send-id": 1, "recv-id": 2, "algorithm": "hmac(sha256)", "include-tcp-options": false, "mac-length": 16, "secret": "ABC",
                  "send-lifetime": { "start": "2026-01-01T00:00:00Z", "end": "2026-07-01T00:00:00Z" } } ] } ] } }
            """));
        KeyChainKey entry = Assert.Single(chain.Keys);
        Assert.Equal(("web", 7ul, 1, 2, "hmac-sha-256", 16, false), (chain.Name, entry.Id, entry.Key.SendId, entry.Key.RecvId, entry.Key.Algorithm.Name, entry.Key.MacLength, entry.Key.IncludeTcpOptions));
        Assert.Equal(2026, entry.Key.SendLifetime.Start.Year);
        Assert.Equal(TimeSpan.FromSeconds(60), chain.AcceptTolerance);
    }

    [Theory]
    [InlineData("""{ "TcpAo": { "key-chain": [] } }""", "TcpAo: unknown key 'key-chain'; did you mean 'key-chains'?")]
    [InlineData("""{ "TcpAo": { "key-chains": "web" } }""", "TcpAo: key-chains: must be a list")]
    [InlineData("""{ "TcpAo": { "key-chains": [ { "name": "web", "keys": [ { "id": 1, "sendid": 1, "recv-id": 1, "secret": "do not show" } ] } ] } }""", "TcpAo: key-chains[web].keys[1]: unknown key 'sendid'; did you mean 'send-id'?")]
    [InlineData("""{ "TcpAo": { "key-chains": [ { "name": "web", "keys": [ { "id": 1, "send-id": 256, "recv-id": 1, "secret": "do not show" } ] } ] } }""", "must be an integer from 0 to 255, not '256'")]
    [InlineData("{ }", "key-chains is missing")]
    public void Section_ThatIsWrong_IsRefusedWithPlaceAndHint(string json, string message)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => Read(json));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("do not show", error.ToString(), StringComparison.Ordinal);
    }

    private static ImmutableArray<KeyChain> Read(string json)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        return KeyChainSection.Read(configuration.GetSection("TcpAo"), "/", out _);
    }
}
