using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.Keys.Matches;

namespace TcpAo.Tests.Keys;

public sealed class PortMatchTests
{
    [Theory]
    [Requirement("R-011")]
    [InlineData("any", "any", 65536)]
    [InlineData("Any", "any", 65536)]
    [InlineData("0-65535", "any", 65536)]
    [InlineData("0/0", "any", 65536)]
    [InlineData("179", "179", 1)]
    [InlineData("0xb3", "179", 1)]
    [InlineData("65535", "65535", 1)]
    [InlineData("179-181", "179-181", 3)]
    [InlineData("179-179", "179", 1)]
    [InlineData("0-1", "0-1", 2)]
    [InlineData("0x1000/0xf000", "4096-8191", 4096)]
    [InlineData("179/0xffff", "179", 1)]
    [InlineData("0x0001/0x0001", "0x0001/0x0001", 32768)]
    [InlineData("0x0000/0x0001", "0x0000/0x0001", 32768)]
    [InlineData("0x8001/0x8001", "0x8001/0x8001", 16384)]
    public void Text_WellFormed_IsReadAndWrittenInOneSpelling(string text, string canonical, int width)
    {
        PortMatch ports = Ports(text);

        Assert.Equal(canonical, ports.ToString());
        Assert.Equal(width, ports.Width);
        Assert.Equal(width, Enumerable.Range(0, 65536).Count(port => ports.Contains((ushort)port)));
        Assert.Equal(ports, Ports(canonical));
    }

    [Theory]
    [InlineData("", "is not a port")]
    [InlineData(null, "is not a port")]
    [InlineData("bgp", "is not a port")]
    [InlineData("65536", "is not a port")]
    [InlineData("-1", "is not a port")]
    [InlineData("1-", "is not a port")]
    [InlineData("1-2-3", "is not a port")]
    [InlineData("1-2/3", "is not a port")]
    [InlineData("0x/1", "is not a port")]
    [InlineData("0", "write any")]
    [InlineData("181-179", "ends before it begins")]
    [InlineData("0x1001/0xf000", "outside the mask")]
    public void Text_Malformed_IsRefusedWithReason(string? text, string reasonPart)
    {
        Assert.False(PortMatch.TryParse(text, out PortMatch ports, out string? reason));
        Assert.Contains(reasonPart, reason, StringComparison.Ordinal);
        Assert.Equal(PortMatch.Any, ports);
    }

    [Theory]
    [InlineData("179", "179", true)]
    [InlineData("179", "180", false)]
    [InlineData("179", "170-180", true)]
    [InlineData("170-178", "179-180", false)]
    [InlineData("any", "179", true)]
    [InlineData("0x0001/0x0001", "180", false)]
    [InlineData("0x0001/0x0001", "180-181", true)]
    [InlineData("0x0001/0x0001", "0x0000/0x0001", false)]
    [InlineData("0x0001/0x0001", "0x0002/0x0002", true)]
    [InlineData("0x0001/0x0001", "any", true)]
    public void TwoPortSets_SharingAPortOrNot_OverlapBothWays(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, Ports(one).Overlaps(Ports(other)));
        Assert.Equal(overlap, Ports(other).Overlaps(Ports(one)));
    }

    [Theory]
    [InlineData("any", 1)]
    [InlineData("179", 1)]
    [InlineData("1024-65535", 6)]
    [InlineData("1-65534", PortMatch.MaxBlocks)]
    [InlineData("0x0001/0x0001", 1)]
    public void Range_TakenApart_IsFewDisjointBlocksThatCoverIt(string text, int expected)
    {
        PortMatch ports = Ports(text);
        PortBlock[] blocks = new PortBlock[PortMatch.MaxBlocks];
        int count = ports.GetBlocks(blocks);

        Assert.Equal(expected, count);
        for (int port = 0; port < 65536; port++)
        {
            Assert.Equal(ports.Contains((ushort)port) ? 1 : 0, blocks[..count].Count(block => (port & block.Mask) == block.Value));
        }
    }

    [Fact]
    public void DefaultValue_Unset_IsAny() => Assert.Equal(Ports("any"), default);

    [Fact]
    public void Factories_WrongArguments_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PortMatch.Range(2, 1));
        Assert.Throws<ArgumentException>(() => PortMatch.Masked(1, 2));
    }
}
