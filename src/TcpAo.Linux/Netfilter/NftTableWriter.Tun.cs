// With a TUN device, as the nft program would print it (peers as in NftTableWriter):
//
//   chain in  { iif 7 meta mark set 0x592501 accept ... }            # written there by us: verified; the mark is for rp_filter
//   chain out { oif 7 accept; meta mark 0x5a17c3d9 accept ... }      # to us, unsigned; from us, signed
//   chain steer { type route hook output priority 300; policy accept;
//     meta mark != 0 accept                                          # somebody's own routing: the queue
//     oiftype != ether accept; oifkind vrf accept; oifname "red0" accept; rt ipsec exists accept
//     meta nfproto ipv6 goto steer6
//     ip daddr @remote4-32 jump peer-steer4 }
//   chain steer6 { ip6 daddr & ffc0:: == fe80:: accept; ip6 daddr @remote6-128 jump peer-steer6 }
//   chain peer-steer4 { ... ip daddr . tcp dport @v4-0 ... goto steer-mark }
//   chain steer-mark { meta mark set 0x592501 }
//   chain taken {                                                    # in place of the queue, inbound
//     iiftype != ether goto queue-0; iifkind vrf goto queue-0; iifname "red0" goto queue-0; meta ipsec exists goto queue-0
//     ip6 saddr & ffc0:: == fe80:: goto queue-0
//     drop }
//
// A chain of type route has a packet routed again when its mark changed. Where that leads nowhere near the device (it is gone, or the socket is bound to another
// interface) the packet comes to chain out as ever and is queued: signed while we run, dropped while nobody does. So nothing depends on the routing rule.
using System.Runtime.InteropServices;
using System.Text;

namespace TcpAo.Linux.Netfilter;

internal sealed partial class NftTableWriter
{
    public const string SteerChain = "steer";

    private const string Steer6Chain = "steer6";
    private const string SteerMarkChain = "steer-mark";
    private const string TakenChain = "taken";

    private void WriteTunChains(NftTunPath tun)
    {
        foreach (string name in (ReadOnlySpan<string>)[Steer6Chain, "peer-steer4", "peer-steer6", SteerMarkChain, TakenChain])
        {
            _batch.NewChain(name);
        }

        NftRuleWriter mark = _batch.BeginRule(SteerMarkChain);
        mark.SetMark(tun.SteerMark);
        _batch.EndRule(mark);
        WriteTaken(tun);
        WriteSegments("steer4", NftFields.Outbound4, isInbound: false, SteerMarkChain);
        WriteSegments("steer6", NftFields.Outbound6, isInbound: false, SteerMarkChain);
    }

    /// <summary>Inbound segments of protected connections: those that the packet socket has are dropped, others queued.</summary>
    private void WriteTaken(NftTunPath tun)
    {
        WriteNotEthernet(TakenChain, NftUapi.NFT_META_IIFTYPE, NftUapi.NFT_GOTO, FirstQueueChain);
        WriteLinks(TakenChain, NftUapi.NFT_META_IIFKIND, NftUapi.NFT_META_IIFNAME, tun, NftUapi.NFT_GOTO, FirstQueueChain);
        if (_support.HasSecurityPath)
        {
            NftRuleWriter rule = _batch.BeginRule(TakenChain);
            rule.Meta(NftUapi.NFT_META_SECPATH, 0);
            rule.Compare(0, NftUapi.NFT_CMP_EQ, [1]);
            rule.Verdict(NftUapi.NFT_GOTO, FirstQueueChain);
            _batch.EndRule(rule);
        }

        WriteLinkLocal(TakenChain, NftFields.Inbound6.Remote, NftUapi.NFT_GOTO, FirstQueueChain);
        Verdict(TakenChain, NftUapi.NF_DROP);
    }

    /// <summary>The rules of the base chains that come first.</summary>
    private void WriteTunEntrance(NftTunPath tun)
    {
        Span<byte> link = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(link, tun.Link);
        NftRuleWriter rule = _batch.BeginRule(InChain, "TcpAo: verified");
        rule.Meta(NftUapi.NFT_META_IIF, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, link);
        rule.SetMark(tun.SteerMark);
        rule.Verdict(NftUapi.NF_ACCEPT);
        _batch.EndRule(rule);

        rule = _batch.BeginRule(OutChain, "TcpAo: to be signed");
        rule.Meta(NftUapi.NFT_META_OIF, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, link);
        rule.Verdict(NftUapi.NF_ACCEPT);
        _batch.EndRule(rule);

        Span<byte> mark = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(mark, tun.SentMark);
        rule = _batch.BeginRule(OutChain, "TcpAo: signed");
        rule.Meta(NftUapi.NFT_META_MARK, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, mark);
        rule.Verdict(NftUapi.NF_ACCEPT);
        _batch.EndRule(rule);
    }

    private void WriteSteering(NftTunPath tun)
    {
        NftRuleWriter rule = _batch.BeginRule(SteerChain, "TcpAo: leads protected TCP to its device");
        rule.Meta(NftUapi.NFT_META_MARK, 0);
        rule.Compare(0, NftUapi.NFT_CMP_NEQ, [0, 0, 0, 0]);
        rule.Verdict(NftUapi.NF_ACCEPT);
        _batch.EndRule(rule);
        WriteNotEthernet(SteerChain, NftUapi.NFT_META_OIFTYPE, NftUapi.NF_ACCEPT, null);
        WriteLinks(SteerChain, NftUapi.NFT_META_OIFKIND, NftUapi.NFT_META_OIFNAME, tun, NftUapi.NF_ACCEPT, null);
        if (_support.HasRouteIpsec)
        {
            rule = _batch.BeginRule(SteerChain);
            rule.RouteIpsec(0);
            rule.Compare(0, NftUapi.NFT_CMP_EQ, [1]);
            rule.Verdict(NftUapi.NF_ACCEPT);
            _batch.EndRule(rule);
        }

        WriteLinkLocal(Steer6Chain, NftFields.Outbound6.Remote, NftUapi.NF_ACCEPT, null);
        WriteEntrance(Steer6Chain, "peer-steer6", NftFields.Outbound6);
        WriteFamilyJump(SteerChain, Steer6Chain);
        WriteEntrance(SteerChain, "peer-steer4", NftFields.Outbound4);
    }

    private void WriteNotEthernet(string chain, uint typeKey, int verdict, string? target)
    {
        // ARPHRD_ETHER
        Span<byte> ethernet = stackalloc byte[sizeof(ushort)];
        MemoryMarshal.Write(ethernet, (ushort)1);
        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Meta(typeKey, 0);
        rule.Compare(0, NftUapi.NFT_CMP_NEQ, ethernet);
        rule.Verdict(verdict, target);
        _batch.EndRule(rule);
    }

    private void WriteLinks(string chain, uint kindKey, uint nameKey, NftTunPath tun, int verdict, string? target)
    {
        Span<byte> text = stackalloc byte[NftShape.InterfaceLength];
        if (_support.HasInterfaceKind)
        {
            text.Clear();
            "vrf"u8.CopyTo(text);
            WriteLink(chain, kindKey, text, verdict, target);
        }

        foreach (string name in tun.QueuedLinks)
        {
            text.Clear();
            Encoding.UTF8.GetBytes(name, text[..^1]);
            WriteLink(chain, nameKey, text, verdict, target);
        }
    }

    private void WriteLink(string chain, uint key, scoped ReadOnlySpan<byte> text, int verdict, string? target)
    {
        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Meta(key, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, text);
        rule.Verdict(verdict, target);
        _batch.EndRule(rule);
    }

    /// <summary>fe80::/10, an address on each link: routing by a mark would lose which.</summary>
    private void WriteLinkLocal(string chain, int offset, int verdict, string? target)
    {
        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Meta(NftUapi.NFT_META_NFPROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [NftUapi.NFPROTO_IPV6]);
        rule.Network(offset, 4, 0);
        rule.Mask(0, [0xFF, 0xC0, 0, 0]);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [0xFE, 0x80, 0, 0]);
        rule.Verdict(verdict, target);
        _batch.EndRule(rule);
    }
}
