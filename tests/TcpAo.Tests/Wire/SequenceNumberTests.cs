using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>Arithmetic modulo 2^32 (RFC 9293 section 3.4).</summary>
public sealed class SequenceNumberTests
{
    [Fact]
    public void Numbers_AcrossTheWrap_AreInOrder()
    {
        SequenceNumber before = 0xFFFF_FFF0;
        SequenceNumber after = before + 0x20;
        Assert.Equal(0x10u, (uint)after);
        Assert.True(before < after && after > before && before <= after && after >= before);
        Assert.Equal(0x20, after - before);
        Assert.Equal(-0x20, before - after);
        Assert.Equal(before, after - 0x20u);
        SequenceNumber same = 0x10;
        Assert.True(same <= after && same >= after && !(same < after) && !(same > after));
        Assert.Equal("16", after.ToString());
    }

    [Fact]
    public void Numbers_HalfWayAround_AreAsFarAsItGets()
    {
        SequenceNumber zero = 0;
        Assert.Equal(int.MaxValue, (SequenceNumber)0x7FFF_FFFF - zero);
        Assert.Equal(int.MinValue, (SequenceNumber)0x8000_0000 - zero);
    }
}
