using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>Walking option lists (RFC 9293 section 3.2).</summary>
public sealed class TcpOptionEnumeratorTests
{
    [Fact]
    public void List_WellFormed_IsWalkedToTheEndOfList()
    {
        TcpOptionEnumerator walk = new([1, 2, 4, 5, 6, 4, 2, 0, 9, 9]);
        Assert.True(walk.MoveNext());
        Assert.Equal(TcpOptionKind.NoOperation, walk.Current.Kind);
        Assert.True(walk.MoveNext());
        Assert.Equal(TcpOptionKind.MaximumSegmentSize, walk.Current.Kind);
        Assert.Equal(1, walk.Current.Offset);
        Assert.Equal([2, 4, 5, 6], walk.Current.Bytes.ToArray());
        Assert.Equal([5, 6], walk.Current.Data.ToArray());
        Assert.True(walk.MoveNext());
        Assert.True(walk.Current.Data.IsEmpty);
        Assert.False(walk.MoveNext());
        Assert.False(walk.MoveNext());
        Assert.False(walk.IsMalformed);
        Assert.True(walk.Current.Bytes.IsEmpty);
        Assert.Equal(TcpOptionKind.EndOfList, walk.Current.Kind);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2 })]
    [InlineData(new byte[] { 1, 2, 0 })]
    [InlineData(new byte[] { 1, 2, 1, 1 })]
    [InlineData(new byte[] { 1, 2, 4, 5 })]
    public void List_Malformed_StopsTheWalk(byte[] options)
    {
        TcpOptionEnumerator walk = new(options);
        Assert.True(walk.MoveNext());
        Assert.False(walk.MoveNext());
        Assert.False(walk.MoveNext());
        Assert.True(walk.IsMalformed);
    }
}
