using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;
using static TcpAo.Tests.Keys.Matches;

namespace TcpAo.Tests.Keys;

public sealed class MktTableTests
{
    private const int Many = 100_000;

    private static readonly SocketPair s_pair = Pair("198.51.100.1", 40000, "192.0.2.1", 179);

    [Theory]
    [Requirement("R-018")]
    [InlineData("192.0.2.1", 1, 9, true)]
    [InlineData("192.0.2.1", 9, 2, true)]
    [InlineData("192.0.2.1", 2, 1, false)]
    [InlineData("192.0.2.0/24", 1, 9, true)]
    [InlineData("any", 9, 2, true)]
    [InlineData("192.0.2.2", 1, 2, false)]
    [InlineData("2001:db8::1", 1, 2, false)]
    [InlineData("::/0", 1, 2, false)]
    public void SecondTuple_SharingAnId_IsRefusedWhereConnectionsOverlap(string remote, int sendId, int recvId, bool refused)
    {
        MasterKeyTuple first = Mkt(Match("192.0.2.1"), 1, 2);
        MasterKeyTuple second = Mkt(Match(remote), sendId, recvId);
        MktTableBuilder builder = new();
        Assert.True(builder.TryAdd(first).IsAdded);
        Assert.True(MktTable.Empty.TryAdd(first, out MktTable table).IsAdded);

        MktAddResult bulk = builder.TryAdd(second);
        MktAddResult single = table.TryAdd(second, out MktTable after);

        Assert.Equal(refused ? MktAddStatus.IdOverlap : MktAddStatus.Added, bulk.Status);
        Assert.Same(refused ? first : null, bulk.Other);
        Assert.Equal(bulk, single);
        Assert.Equal(refused ? 1 : 2, after.Count);
        Assert.Equal(1, table.Count);
        Assert.Equal(after.Count, builder.Count);
    }

    [Fact]
    [Requirement("R-018")]
    public void SameTuple_AddedTwice_OverlapsWithItself()
    {
        MasterKeyTuple tuple = Mkt(Match(), 1, 1);
        MktTableBuilder builder = new();

        Assert.True(builder.TryAdd(tuple).IsAdded);
        Assert.Same(tuple, builder.TryAdd(tuple).Other);
    }

    [Fact]
    [Requirement("R-023", "R-015")]
    public void Segment_With256KeysForItsPair_FindsTheOneOfItsKeyId()
    {
        MktTableBuilder builder = new();
        for (int id = 0; id < 256; id++)
        {
            Assert.True(builder.TryAdd(Mkt(Match("192.0.2.0/24"), id, 255 - id)).IsAdded);
        }

        MktTable table = builder.Build();

        for (int id = 0; id < 256; id++)
        {
            Assert.Equal((byte)id, table.FindByRecvId(s_pair, (byte)id)?.Key.RecvId);
            Assert.Equal((byte)id, table.FindBySendId(s_pair, (byte)id)?.Key.SendId);
        }

        Assert.Equal(256, builder.Count);
        Assert.Equal(1, table.ShapeCount);
        Assert.InRange(table.LongestProbe, 1, 8);
        Assert.Null(table.FindByRecvId(Pair("198.51.100.1", 40000, "192.0.3.1", 179), 7));
    }

    [Fact]
    [Requirement("R-021")]
    public void Connection_WithKeysOfSeveralShapes_GetsThemNewestFirst()
    {
        MasterKeyTuple[] added =
        [
            Mkt(Match("192.0.2.1"), 1, 1),
            Mkt(Match(), 2, 2),
            Mkt(Match("192.0.2.2"), 3, 3),
            Mkt(Match("192.0.2.0/24", localPort: "1024-65535"), 4, 4),
            Mkt(Match("192.0.2.1"), 5, 5),
        ];
        MktTable table = Table(added);
        MasterKeyTuple[] found = new MasterKeyTuple[3];

        Assert.Equal(4, table.GetMatching(s_pair, found));
        Assert.Equal([added[4], added[3], added[1]], found);
        Assert.Equal(added, table.Tuples);
    }

    [Fact]
    public void Tuple_Removed_IsGoneAndItsIdsAreFree()
    {
        MasterKeyTuple narrow = Mkt(Match("192.0.2.1"), 1, 1);
        MasterKeyTuple other = Mkt(Match("192.0.2.2"), 1, 1);
        MasterKeyTuple wide = Mkt(Match(), 1, 9);
        MktTableBuilder builder = Table(narrow, other).ToBuilder();

        Assert.False(builder.TryAdd(wide).IsAdded);
        Assert.False(builder.Remove(Mkt(Match("192.0.2.1"), 1, 1)));
        Assert.True(builder.Remove(narrow));
        Assert.False(builder.Remove(narrow));
        Assert.Same(other, builder.TryAdd(wide).Other);
        Assert.True(builder.Remove(other));
        Assert.True(builder.TryAdd(wide).IsAdded);

        MktTable table = builder.Build();
        Assert.Same(wide, table.FindBySendId(s_pair, 1));
        Assert.Equal(0, table.Remove(wide).Count);
        Assert.Same(table, table.Remove(narrow));
        Assert.Same(wide, Assert.Single(table.Tuples));
    }

    [Fact]
    public void Socket_IPv4Mapped_FindsItsIPv4Key() =>
        Assert.NotNull(Table(Mkt(Match("192.0.2.1"), 1, 1)).FindByRecvId(Pair("::ffff:198.51.100.1", 1, "::ffff:192.0.2.1", 2), 1));

    [Fact]
    public void Wildcard_BothFamilies_IsFoundForEither()
    {
        MktTable table = Table(Mkt(Match(), 1, 1));

        Assert.NotNull(table.FindByRecvId(s_pair, 1));
        Assert.NotNull(table.FindByRecvId(Pair("2001:db8::1", 1, "2001:db8::2", 2), 1));
    }

    [Fact]
    [Requirement("R-118")]
    public void NatFlags_OnATuple_AreKeptAndDoNotChangeTheMatch()
    {
        MktTable table = Table(Mkt(Match("192.0.2.1"), 1, 1, NatSides.Local | NatSides.Remote));

        Assert.Equal(NatSides.Local | NatSides.Remote, table.FindByRecvId(s_pair, 1)?.Nat);
    }

    [Fact]
    [Requirement("R-018")]
    public void Additions_100000OfOneShapeAndFewOfAnother_TakeProbesByShapesNotByTuples()
    {
        MktTableBuilder builder = new();
        for (int i = 0; i < Many; i++)
        {
            Assert.True(builder.TryAdd(Mkt(HostMatch(i), i & 0x7F, i & 0x7F)).IsAdded);
        }

        Assert.InRange(builder.Probes, 1, 2 * Many);
        long before = builder.Probes;
        for (int i = 0; i < 100; i++)
        {
            Assert.True(builder.TryAdd(Mkt(Match(), 128 + i, 128 + i)).IsAdded);
            Assert.False(builder.TryAdd(Mkt(Match("10.0.0.0/8"), i, 255)).IsAdded);
        }

        Assert.InRange(builder.Probes - before, 1, 100 * 8);

        MktTable table = builder.Build();
        Assert.Equal(2, table.ShapeCount);
        Assert.InRange(table.LongestProbe, 1, 8);
        MasterKeyTuple[] found = new MasterKeyTuple[MktTable.MaxMatching];
        Assert.Equal(101, table.GetMatching(Pair("198.51.100.1", 1, "10.0.0.77", 2), found));
        Assert.Equal(77, found[100].Key.SendId);
    }

    [Fact]
    public void Lookup_OfAnyKind_AllocatesNothing()
    {
        MktTable table = Table(Mkt(Match("192.0.2.1"), 1, 1), Mkt(Match(localPort: "1024-65535"), 2, 2), Mkt(Match("2001:db8::/32"), 3, 3));
        SocketPair v6 = Pair("2001:db8::1", 1, "2001:db8::2", 2);
        MasterKeyTuple[] found = new MasterKeyTuple[4];
        int seen = 0;
        Assert.Equal(0, Allocated.Least(() =>
        {
            seen = 0;
            for (int i = 0; i < 1000; i++)
            {
                seen += table.FindByRecvId(s_pair, 1) is null ? 0 : 1;
                seen += table.FindBySendId(v6, 3) is null ? 0 : 1;
                seen += table.GetMatching(s_pair, found);
            }
        }));
        Assert.Equal(4000, seen);
    }

    private static MktTable Table(params MasterKeyTuple[] tuples)
    {
        MktTableBuilder builder = new();
        Assert.All(tuples, tuple => Assert.True(builder.TryAdd(tuple).IsAdded));
        return builder.Build();
    }
}
