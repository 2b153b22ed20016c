using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.KeyChains.ChainBuilder;

namespace TcpAo.Tests.KeyChains;

public sealed class KeyChainValidatorTests
{
    [Fact]
    public void Chain_KeysThatFollowOneAnother_NoProblem()
    {
        KeyChain chain = Chain(Key(1, 61, 84, Days(0, 10), Days(-1, 11)), Key(2, 62, 85, Days(9, 20), Days(8, 21)));

        Assert.Empty(KeyChainValidator.Validate(chain));
    }

    [Fact]
    public void Chain_NoKeys_Error()
    {
        Assert.Equal(["key-chains[test].keys: the chain has no keys"], Errors(Chain()));
    }

    [Fact]
    [Requirement("R-018")]
    public void Chain_IdsUsedTwice_EveryOneReportedWithItsPath()
    {
        Assert.Equal(
            [
                "key-chains[test].keys[2].send-id: send-id 61 belongs to key 1 of this chain already",
                "key-chains[test].keys[2].id: id 2 is used twice in this chain",
                "key-chains[test].keys[2].recv-id: recv-id 84 belongs to key 1 of this chain already",
            ],
            Errors(Chain(Key(1, 61, 84), Key(2, 61, 85), Key(2, 62, 84))));
    }

    [Fact]
    [Requirement("R-018")]
    public void Chain_SendIdOfOneIsRecvIdOfOther_NoProblem()
    {
        Assert.Empty(KeyChainValidator.Validate(Chain(Key(1, 61, 84), Key(2, 84, 61))));
    }

    [Theory]
    [InlineData("hmac-sha-256-128", 31, true)]
    [InlineData("kmac-256-128", 31, true)]
    [InlineData("kmac-256-128", 32, false)]
    [InlineData("hmac-sha-256", 16, false)]
    [Trait("Requirement", "R-137")]
    public void Chain_KeyShorterThanTheDraftAsks_Warning(string algorithm, int length, bool warned)
    {
        Assert.True(MacAlgorithms.TryGet(algorithm, out MacAlgorithm? mac));
        var key = new AoKey("test/1", 1, 2, mac, Secret.FromBytes(new byte[length]));
        KeyChainProblem[] problems = [.. KeyChainValidator.Validate(new KeyChain("test", [new KeyChainKey(1, key)], TimeSpan.Zero))];

        Assert.Equal(warned, problems.Any(problem => problem.Severity == KeyChainSeverity.Warning && problem.Message.Contains("at least 32 bytes", StringComparison.Ordinal)));
    }

    [Fact]
    public void Chain_Md5BesideAo_Error()
    {
        Assert.Equal(
            ["key-chains[test].keys[2].algorithm: tcp-md5 is not mixed with other algorithms in one chain"],
            Errors(Chain(Key(1, 0, 0), Key(2, 0, 0, algorithm: MacAlgorithms.TcpMd5))));
    }

    [Fact]
    public void Chain_SeveralMd5KeysWithoutIds_NoProblem()
    {
        Assert.Empty(KeyChainValidator.Validate(Chain(Key(1, 0, 0, algorithm: MacAlgorithms.TcpMd5), Key(2, 0, 0, algorithm: MacAlgorithms.TcpMd5))));
    }

    [Fact]
    [Requirement("R-123")]
    public void Key_ClosedBothWays_Warning()
    {
        Assert.Equal(
            ["key-chains[test].keys[2]: the key neither signs nor is accepted at any time"],
            Warnings(Chain(Key(1, 1, 1), Key(2, 2, 2, KeyLifetime.Never, KeyLifetime.Never))));
    }

    [Fact]
    public void Key_SignsWhileNotAccepted_Warning()
    {
        Assert.Equal(
            ["key-chains[test].keys[1].send-lifetime: the key signs at times at which it is not accepted, so that a peer that follows it is dropped"],
            Warnings(Chain(Key(1, 1, 1, Days(0, 10), Days(0, 9)))));
    }

    [Fact]
    public void Chain_NothingMaySign_Warning()
    {
        Assert.Equal(["key-chains[test].keys: no key of the chain may ever sign"], Warnings(Chain(Key(1, 1, 1, KeyLifetime.Never))));
    }

    [Fact]
    public void Chain_GapBetweenKeys_WarningWithTheTimes()
    {
        KeyChain chain = Chain(Key(2, 2, 2, Days(11, 20), KeyLifetime.Always), Key(1, 1, 1, Days(0, 10), Days(-1, 11)));

        Assert.Equal(["key-chains[test].keys: no key signs from 2026-01-11T00:00:00Z until 2026-01-12T00:00:00Z"], Warnings(chain));
    }

    [Fact]
    public void Chains_NameUsedTwice_Error()
    {
        KeyChainProblem problem = Assert.Single(KeyChainValidator.Validate([Chain(Key(1, 1, 1)), Chain(Key(1, 1, 1))]));

        Assert.Equal("key-chains[test].name: another chain is named 'test' already", problem.ToString());
        Assert.Equal(-1, problem.KeyIndex);
    }

    private static IEnumerable<string> Errors(KeyChain chain) => Of(chain, KeyChainSeverity.Error);

    private static IEnumerable<string> Warnings(KeyChain chain) => Of(chain, KeyChainSeverity.Warning);

    private static IEnumerable<string> Of(KeyChain chain, KeyChainSeverity severity)
    {
        System.Collections.Immutable.ImmutableArray<KeyChainProblem> problems = KeyChainValidator.Validate(chain);
        Assert.All(problems, problem => Assert.Equal(severity, problem.Severity));
        return problems.Select(problem => problem.ToString());
    }
}
