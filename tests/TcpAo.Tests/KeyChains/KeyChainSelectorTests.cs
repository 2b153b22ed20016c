using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.KeyChains.ChainBuilder;

namespace TcpAo.Tests.KeyChains;

public sealed class KeyChainSelectorTests
{
    [Fact]
    [Requirement("R-129")]
    public void SendKey_SeveralValid_LongestSendValidityWins()
    {
        KeyChain chain = Chain(Key(1, 1, 1, send: Days(0, 10)), Key(2, 2, 2, send: Days(5, 20)), Key(3, 3, 3, send: Days(12, 99)));

        Assert.Equal((byte?)1, KeyChainSelector.SendKey(chain, Day(0))?.SendId);
        Assert.Equal((byte?)2, KeyChainSelector.SendKey(chain, Day(5))?.SendId);
        Assert.Equal((byte?)3, KeyChainSelector.SendKey(chain, Day(12))?.SendId);
        Assert.Null(KeyChainSelector.SendKey(chain, Day(-1)));
        Assert.Null(KeyChainSelector.SendKey(chain, Day(99)));
    }

    [Fact]
    [Requirement("R-129")]
    public void SendKey_EqualEnds_LowestSendIdWins()
    {
        KeyChain chain = Chain(Key(1, 9, 1), Key(2, 3, 2), Key(3, 7, 0));

        Assert.Equal((byte?)3, KeyChainSelector.SendKey(chain, Day(0))?.SendId);
    }

    [Fact]
    [Requirement("R-129")]
    public void RNextKey_EqualEnds_LowestRecvIdWins()
    {
        KeyChain chain = Chain(Key(1, 9, 1), Key(2, 3, 2), Key(3, 7, 0));

        Assert.Equal((byte?)0, KeyChainSelector.RNextKey(chain, Day(0))?.RecvId);
    }

    [Fact]
    [Requirement("R-123")]
    public void SendKey_NoLifetimeBesideDatedOne_KeyWithoutEndWins()
    {
        KeyChain chain = Chain(Key(1, 1, 1, send: Days(0, 1000)), Key(2, 2, 2));

        Assert.Equal((byte?)2, KeyChainSelector.SendKey(chain, Day(1))?.SendId);
    }

    [Fact]
    [Requirement("R-123")]
    public void Keys_ClosedOneWay_TakeNoPartInThatDirection()
    {
        KeyChain chain = Chain(Key(1, 1, 1, send: KeyLifetime.Never), Key(2, 2, 2, accept: KeyLifetime.Never));

        Assert.Equal((byte?)2, KeyChainSelector.SendKey(chain, Day(0))?.SendId);
        Assert.Equal((byte?)1, KeyChainSelector.RNextKey(chain, Day(0))?.RecvId);
        Assert.True(KeyChainSelector.IsAccepted(chain.Keys[0].Key, Day(0)));
        Assert.False(KeyChainSelector.IsAccepted(chain.Keys[1].Key, Day(0)));
    }

    [Fact]
    public void Find_IdsOfBothDirections_AreNotMixedUp()
    {
        KeyChain chain = Chain(Key(1, 61, 84), Key(2, 84, 61));

        Assert.Equal("test/1", KeyChainSelector.FindBySendId(chain, 61)?.Name);
        Assert.Equal("test/2", KeyChainSelector.FindByRecvId(chain, 61)?.Name);
        Assert.Null(KeyChainSelector.FindBySendId(chain, 1));
        Assert.Null(KeyChainSelector.FindByRecvId(chain, 1));
    }

    [Fact]
    public void Find_KeyOutsideItsLifetime_IsStillFound()
    {
        KeyChain chain = Chain(Key(1, 1, 1, Days(0, 1), Days(0, 1)));

        Assert.NotNull(KeyChainSelector.FindBySendId(chain, 1));
        Assert.False(KeyChainSelector.IsAccepted(chain.Keys[0].Key, Day(1)));
    }

    [Fact]
    public void NextChange_OverTime_NamesEveryStartAndEndOnce()
    {
        KeyChain chain = Chain(Key(1, 1, 1, Days(0, 10), Days(-1, 11)), Key(2, 2, 2, Days(10, 20), KeyLifetime.Always));

        List<DateTimeOffset> changes = [];
        for (DateTimeOffset? at = KeyChainSelector.NextChange(chain, Day(-100)); at is not null; at = KeyChainSelector.NextChange(chain, at.Value))
        {
            changes.Add(at.Value);
        }

        Assert.Equal([Day(-1), Day(0), Day(10), Day(11), Day(20)], changes);
    }

    [Fact]
    public void NextChange_NothingDated_Null()
    {
        Assert.Null(KeyChainSelector.NextChange(Chain(Key(1, 1, 1), Key(2, 2, 2, KeyLifetime.Never)), Day(0)));
        Assert.Null(KeyChainSelector.NextChange([], Day(0)));
    }

    [Fact]
    public void Selector_AfterWarmUp_AllocatesNothing()
    {
        KeyChain chain = Chain(Key(1, 1, 1, Days(0, 10), Days(0, 10)), Key(2, 2, 2, Days(5, 20), Days(5, 20)));
        AllOf(chain);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            AllOf(chain);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void AllOf(KeyChain chain)
        {
            _ = KeyChainSelector.SendKey(chain, Day(6));
            _ = KeyChainSelector.RNextKey(chain, Day(6));
            _ = KeyChainSelector.FindBySendId(chain, 2);
            _ = KeyChainSelector.FindByRecvId(chain, 2);
            _ = KeyChainSelector.NextChange(chain, Day(6));
        }
    }
}
