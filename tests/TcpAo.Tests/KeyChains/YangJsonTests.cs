using System.Text;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.KeyChains.ChainBuilder;

namespace TcpAo.Tests.KeyChains;

/// <summary>RFC 7951 JSON of RFC 8177 and RFC 9648, strict both ways.</summary>
public sealed class YangJsonTests
{
    // the example of RFC 9648, appendix A, with its namespaces as RFC 7951 has them
    private const string Example = """
        {
          "ietf-key-chain:key-chains": {
            "key-chain": [
              {
                "name": "ao-config",
                "description": "An example for TCP-AO configuration.",
                "accept-tolerance": { "duration": 60 },
                "key": [
                  {
                    "key-id": "55",
                    "lifetime": {
                      "send-lifetime": { "start-date-time": "2017-01-01T00:00:00Z", "end-date-time": "2017-02-01T00:00:00Z" },
                      "accept-lifetime": { "start-date-time": "2016-12-31T23:59:55+01:00", "duration": 86400 }
                    },
                    "crypto-algorithm": "ietf-tcp:aes-128",
                    "key-string": { "keystring": "not to be told" },
                    "ietf-tcp:authentication": { "keychain": "ao-config", "ao": { "send-id": 65, "recv-id": 87 } }
                  }
                ]
              }
            ]
          }
        }
        """;

    [Fact]
    [Requirement("R-121", "R-122", "R-126", "R-127")]
    public void Read_OfTheExample_GivesItsKey()
    {
        YangKeyChains read = Read(Example);
        YangKeyChain chain = Assert.Single(read.Chains);
        Assert.Equal(("ao-config", TimeSpan.FromSeconds(60), false), (chain.Name, chain.AcceptTolerance, read.AesKeyWrap));
        YangKey key = Assert.Single(chain.Keys);
        Assert.Equal((55UL, (byte?)65, (byte?)87, MacAlgorithms.AesCmac, true), (key.KeyId, key.SendId, key.RecvId, key.Algorithm, key.IncludeTcpOptions));
        Assert.Equal(new KeyLifetime(new(2017, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2017, 2, 1, 0, 0, 0, TimeSpan.Zero)), key.Send);
        Assert.Equal(new KeyLifetime(new(2016, 12, 31, 22, 59, 55, TimeSpan.Zero), new(2017, 1, 1, 22, 59, 55, TimeSpan.Zero)), key.Accept);
        Assert.Equal("not to be told", Encoding.UTF8.GetString(key.KeyString!));
    }

    [Fact]
    [Requirement("R-121", "R-123", "R-124", "R-125")]
    public void Write_ThenRead_OfKeysOfEveryForm_GivesThem()
    {
        YangKey[] keys =
        [
            Yang(0, MacAlgorithms.HmacSha1),
            Yang(ulong.MaxValue, MacAlgorithms.AesCmac, Days(0, 30), Days(-1, 31)),
            Yang(2, MacAlgorithms.HmacSha256, KeyLifetime.Never, new KeyLifetime(Day(3), DateTimeOffset.MaxValue)),
            Yang(3, MacAlgorithms.HmacSha1, new KeyLifetime(DateTimeOffset.MinValue, Day(9)), KeyLifetime.Never, [0, 255, 7]),
        ];
        foreach (bool isWrapped in (bool[])[false, true])
        {
            var chains = new YangKeyChains([new YangKeyChain("core", [.. keys], TimeSpan.FromMinutes(1), "a \"chain\"")], isWrapped);
            YangKeyChains read = YangJson.Read(YangJson.Write(chains));
            Assert.Equal((isWrapped, "a \"chain\"", TimeSpan.FromMinutes(1)), (read.AesKeyWrap, read.Chains[0].Description, read.Chains[0].AcceptTolerance));
            Assert.All(keys.Zip(read.Chains[0].Keys), pair =>
            {
                Assert.Equal(pair.First.ToString(), pair.Second.ToString());
                Assert.Equal((pair.First.Send, pair.First.Accept), (pair.Second.Send, pair.Second.Accept));
                Assert.Equal(pair.First.KeyString, pair.Second.KeyString);
            });
        }
    }

    [Fact]
    [Requirement("R-097", "R-126")]
    public void Write_OfTcpMd5_HasItsContainerAndNoIds()
    {
        var chains = new YangKeyChains([new YangKeyChain("old", [new YangKey { KeyId = 1, Algorithm = MacAlgorithms.TcpMd5, IncludeTcpOptions = false }], TimeSpan.Zero, null)], false);
        string json = Encoding.UTF8.GetString(YangJson.Write(chains));
        Assert.Contains("\"crypto-algorithm\": \"md5\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("key-string", json, StringComparison.Ordinal);
        YangKey key = Read(json).Chains[0].Keys[0];
        Assert.Equal((null, null, true), (key.SendId, key.KeyString, key.Algorithm.IsTcpMd5));
    }

    [Theory]
    [Requirement("R-122")]
    [InlineData("\"key-id\": \"55\"", "\"key-id\": 55", "key-id: must be a string")]
    [InlineData("\"key-id\": \"55\"", "\"key-id\": \"-1\"", "key-id: must be a number")]
    [InlineData("\"key-id\": \"55\",", "", "key-id is missing")]
    [InlineData("ietf-tcp:aes-128", "aes-128", "crypto-algorithm: must be one of")]
    [InlineData("ietf-tcp:aes-128", "hmac-sha-512", "crypto-algorithm: must be one of")]
    [InlineData("ietf-tcp:authentication", "authentication", "unknown member authentication")]
    [InlineData("\"send-id\": 65", "\"send-id\": 256", "send-id: must be a number from 0 to 255")]
    [InlineData("\"send-id\": 65, ", "", "send-id is missing")]
    [InlineData("\"send-id\": 65", "\"send-id\": \"65\"", "send-id: must be a number")]
    [InlineData("\"recv-id\": 87", "\"recv-id\": 87, \"accept-key-mismatch\": true", "unknown-key: accept")]
    [InlineData("\"keystring\"", "\"keysting\"", "unknown member keysting")]
    [InlineData("\"not to be told\"", "\"not to be told\", \"hexadecimal-string\": \"00\"", "exactly one of keystring")]
    [InlineData("\"duration\": 86400", "\"duration\": 86400, \"no-end-time\": [null]", "only one of")]
    [InlineData("\"duration\": 86400", "\"no-end-time\": null", "must be [null]")]
    [InlineData("\"duration\": 60", "\"duration\": \"60\"", "duration: must be a number")]
    [InlineData("2017-02-01T00:00:00Z", "2016-02-01T00:00:00Z", "the end is before the start")]
    [InlineData("2017-02-01T00:00:00Z", "2017-02-01T00:00:00", "must be a date-and-time")]
    [InlineData("\"name\": \"ao-config\",", "", "name is missing")]
    [InlineData("ietf-key-chain:key-chains", "key-chains", "no member ietf-key-chain:key-chains")]
    [InlineData("\"key-id\": \"55\"", "\"key-id\": \"55\", \"key-id\": \"55\"", "has a member twice")]
    [InlineData("\"ao\": {", "\"md5\": {}, \"ao\": {", "exactly one of ao and md5")]
    [InlineData("\"ao\": { \"send-id\": 65, \"recv-id\": 87 }", "\"md5\": {}", "does not go with aes-128-cmac-96")]
    public void Read_OfWhatTheModelsDoNotHave_IsRefusedWithoutTheSecret(string good, string bad, string expected)
    {
        Assert.Contains(good, Example, StringComparison.Ordinal);
        YangJsonException error = Assert.Throws<YangJsonException>(() => Read(Example.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Contains(error.Errors, each => each.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain("not to be told", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Obstacle_OfAKeyWithoutALeaf_IsASentence()
    {
        Assert.Null(YangJson.Obstacle(Key(1, 1, 1).Key));
        Assert.Contains("no", YangJson.Obstacle(Key(1, 1, 1, algorithm: MacAlgorithms.Kmac256).Key) ?? "none", StringComparison.Ordinal);
        Assert.Contains("16 bytes", YangJson.Obstacle(new AoKey("core/1", 1, 1, MacAlgorithms.HmacSha256, Secret.FromText("k"), 16)) ?? "", StringComparison.Ordinal);
    }

    private static YangKey Yang(ulong id, MacAlgorithm algorithm, KeyLifetime? send = null, KeyLifetime? accept = null, byte[]? secret = null) => new()
    {
        KeyId = id,
        SendId = 1,
        RecvId = 255,
        Algorithm = algorithm,
        IncludeTcpOptions = id % 2 == 0,
        Send = send ?? KeyLifetime.Always,
        Accept = accept ?? KeyLifetime.Always,
        KeyString = secret ?? Encoding.UTF8.GetBytes($"secret {id}"),
    };

    private static YangKeyChains Read(string json) => YangJson.Read(Encoding.UTF8.GetBytes(json));
}
