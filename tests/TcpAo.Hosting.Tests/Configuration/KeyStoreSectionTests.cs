using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

/// <summary>docs/reference/key-store.md: the section, and what people read when it is wrong.</summary>
public sealed class KeyStoreSectionTests
{
    private const string Good = """
        key-store:
          etcd: { endpoints: ["http://127.0.0.1:2379"] }
          host: r1
          cache: copy
          chains:
            - { name: core, kek-file: core.kek }
        peers:
          - { name: r2, remote: 192.0.2.2, key-chain: core }

        """;

    [Fact]
    public void Section_WithoutChainsInTheFile_GivesPeersAChainWithoutKeys()
    {
        TcpAoConfiguration read = ConfigurationFile.Parse(Good, "tcpao.yaml", "/etc/tcpao");
        Assert.Equal(("core", 0), (read.Peers[0].KeyChain.Name, read.Peers[0].KeyChain.Keys.Length));
        KeyStoreConfiguration store = read.KeyStore!;
        Assert.Equal(("r1", "/tcpao/", "/etc/tcpao/copy"), (store.Host, store.Prefix, store.CacheFile));
        Assert.Equal(new StoredChainConfiguration("core", "/etc/tcpao/core.kek", null), Assert.Single(store.Chains));
        Assert.Empty(read.Warnings);
    }

    [Theory]
    [InlineData("host: r1", "host: r/1", "the name of a host is letters, digits, '.', '-' and '_'")]
    [InlineData("host: r1", "hots: r1", "did you mean 'host'?")]
    [InlineData("kek-file: core.kek", "kek: core.kek", "kek-file is missing")]
    [InlineData("\"http://127.0.0.1:2379\"", "\"127.0.0.1:2379\"", "an endpoint is http://HOST:PORT or https://HOST:PORT")]
    [InlineData("\"http://127.0.0.1:2379\"", "", "there is no endpoint")]
    [InlineData("2379\"]", "2379\"], user: r1", "user and password-file stand together")]
    [InlineData("2379\"]", "2379\"], certificate-key-file: r1.key", "certificate-file and certificate-key-file stand together")]
    [InlineData("key-chain: core", "key-chain: edge", "core")]
    [InlineData("peers:", "key-chains: [{ name: core, keys: [{ id: 1, send-id: 1, recv-id: 1, secret: s }] }]\npeers:", "comes from the key store")]
    public void Section_ThatIsWrong_IsSaidInASentence(string text, string other, string sentence)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(Good.Replace(text, other, StringComparison.Ordinal), "tcpao.yaml", "/etc/tcpao"));
        Assert.Contains(sentence, string.Join('\n', error.Errors.Select(each => each.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public void Section_WithHttpToAnotherHost_IsWarnedOf() => Assert.Contains(
        "use https://",
        Assert.Single(ConfigurationFile.Parse(Good.Replace("127.0.0.1", "192.0.2.9", StringComparison.Ordinal), "tcpao.yaml", "/etc/tcpao").Warnings).ToString(),
        StringComparison.Ordinal);

    [Fact]
    public void KeyFile_OfAChainInTheStore_SendsToTheFleet()
    {
        using var folder = new TempFolder();
        KeyFile file = KeyFile.Open(folder.Write("tcpao.yaml", Good));
        Assert.Empty(file.Configuration.KeyChains);
        Assert.Contains("tcpao fleet", Assert.Throws<KeyFileException>(() => file.AcceptsOf("core")).Message, StringComparison.Ordinal);
    }
}
