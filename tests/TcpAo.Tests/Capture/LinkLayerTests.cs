using TcpAo.Capture;
using Xunit;

namespace TcpAo.Tests.Capture;

public sealed class LinkLayerTests
{
    private const string Addresses = "020000000001020000000002";
    private const string Sll = "0000000100060200000000010000";
    private const string Sll2Rest = "0000" + "00000002" + "0001" + "00" + "06" + "0200000000010000";

    [Theory]
    [InlineData(1, Addresses + "0800", "45")]
    [InlineData(1, Addresses + "86DD", "60")]
    [InlineData(1, Addresses + "81000064" + "0800", "45")]
    [InlineData(1, Addresses + "88A80064" + "81000065" + "86DD", "60")]
    [InlineData(1, Addresses + "91000064" + "91000065" + "81000066" + "81000067" + "0800", "45")]
    [InlineData(1, Addresses + "0030" + "AAAA03" + "000000" + "0800", "45")]
    [InlineData(1, Addresses + "81000064" + "0030" + "AAAA03" + "000000" + "86DD", "60")]
    [InlineData(1, Addresses + "0030" + "060603", "45")]
    [InlineData(1, Addresses + "8864" + "110000010030" + "0021", "45")]
    [InlineData(1, Addresses + "81000064" + "8864" + "110000010030" + "0057", "60")]
    [InlineData(0, "02000000", "45")]
    [InlineData(0, "00000002", "45")]
    [InlineData(0, "0A000000", "60")]
    [InlineData(0, "18000000", "60")]
    [InlineData(0, "0000001C", "60")]
    [InlineData(0, "1E000000", "60")]
    [InlineData(108, "00000002", "45")]
    [InlineData(108, "00000018", "60")]
    [InlineData(12, "", "45")]
    [InlineData(14, "", "60")]
    [InlineData(101, "", "45")]
    [InlineData(228, "", "45")]
    [InlineData(229, "", "60")]
    [InlineData(113, Sll + "0800", "45")]
    [InlineData(113, Sll + "86DD", "60")]
    [InlineData(113, Sll + "8100" + "0064" + "0800", "45")]
    [InlineData(113, Sll + "0004" + "AAAA03" + "000000" + "0800", "45")]
    [InlineData(276, "0800" + Sll2Rest, "45")]
    [InlineData(276, "86DD" + Sll2Rest, "60")]
    [InlineData(276, "8100" + Sll2Rest + "0064" + "0800", "45")]
    [InlineData(276, "88A8" + Sll2Rest + "0064" + "8100" + "0065" + "86DD", "60")]
    [InlineData(276, "0004" + Sll2Rest + "AAAA03" + "000000" + "0800", "45")]
    [InlineData(9, "FF030021", "45")]
    [InlineData(9, "0057", "60")]
    [InlineData(9, "21", "45")]
    public void Frame_WithIP_OffsetIsBehindLinkHeader(int linkType, string header, string ip)
    {
        byte[] start = Convert.FromHexString(header);
        byte[] frame = [.. start, .. Convert.FromHexString(ip), .. new byte[19]];

        Assert.True(LinkLayer.IsSupported(linkType));
        Assert.True(LinkLayer.TryGetIPPacket(linkType, frame, out int offset));
        Assert.Equal(start.Length, offset);
        for (int length = 0; length <= start.Length; length++)
        {
            Assert.False(LinkLayer.TryGetIPPacket(linkType, frame.AsSpan(0, length), out offset));
            Assert.Equal(0, offset);
        }
    }

    [Theory]
    [InlineData(1, Addresses + "0806")]                                                          // ARP
    [InlineData(1, Addresses + "8847" + "00064140")]                                             // MPLS
    [InlineData(1, Addresses + "0600" + "AAAA03" + "000000" + "0800")]                           // neither a length nor a type in use
    [InlineData(1, Addresses + "0026" + "424203")]                                               // spanning tree
    [InlineData(1, Addresses + "0030" + "AAAA03" + "00000C" + "0800")]                           // another organization's SNAP
    [InlineData(1, Addresses + "0030" + "AAAA03" + "000000" + "0806")]                           // ARP in SNAP
    [InlineData(1, Addresses + "81000064" + "81000064" + "81000064" + "81000064" + "81000064" + "0800")] // five tags
    [InlineData(1, Addresses + "8864" + "110000010030" + "C021")]                                // LCP
    [InlineData(1, Addresses + "8863" + "110900000010" + "0021")]                                // PPPoE discovery
    [InlineData(0, "17000000")]
    [InlineData(0, "07000000")]
    [InlineData(113, Sll + "0806")]
    [InlineData(113, Sll + "0001" + "AAAA03" + "000000" + "0800")]                               // 802.3 without LLC
    [InlineData(276, "0806" + Sll2Rest)]
    [InlineData(9, "FF03C021")]
    [InlineData(105, "0800")]
    [InlineData(-1, "0800")]
    public void Frame_WithoutIP_False(int linkType, string header)
    {
        Assert.False(LinkLayer.TryGetIPPacket(linkType, [.. Convert.FromHexString(header), 0x45, .. new byte[39]], out int offset));
        Assert.Equal(0, offset);
    }

    [Theory]
    [InlineData(1, "link type 1 (ETHERNET)", true)]
    [InlineData(276, "link type 276 (LINUX_SLL2)", true)]
    [InlineData(105, "link type 105 (IEEE802_11)", false)]
    [InlineData(9999, "link type 9999", false)]
    public void LinkType_AnyNumber_HasName(int linkType, string name, bool supported)
    {
        Assert.Equal(name, LinkLayer.NameOf(linkType));
        Assert.Equal(supported, LinkLayer.IsSupported(linkType));
    }
}
