// The rules, as the nft program would print them for one queue and peers with a host address and port 179 at either end:
//
//   table inet tcpao {
//     chain in  { type filter hook prerouting priority -300; policy accept;
//       meta nfproto ipv6 goto in6
//       ip saddr @remote4-32 jump peer-in4
//       meta l4proto icmp @th,0,8 3 fib daddr type local jump quote4 }
//     chain in6 {
//       ip6 saddr @remote6-128 jump peer-in6
//       meta l4proto icmpv6 @th,0,8 1-2 fib daddr type local jump quote6 }
//     chain out { type filter hook postrouting priority 300; policy accept;
//       meta nfproto ipv6 goto out6
//       ip daddr @remote4-32 jump peer-out4 }
//     chain out6 { ip6 daddr @remote6-128 jump peer-out6 }
//     chain peer-in4 {
//       meta l4proto != tcp return
//       ip frag-off & 0x3fff != 0 jump fragment4
//       ip saddr . tcp sport @v4-0 fib daddr type local goto queue-in4
//       ip saddr . tcp dport @v4-2 fib daddr type local goto queue-in4 }
//     chain queue-in4 { queue to 5925 }                          # or: target NFQUEUE
//     chain defragment { tproxy to :1 }                          # never reached
//   }
//
// What others send walks as little as can be: the peers' addresses come first, so that a packet of somebody else leaves after one probe for each length of
// prefix. Only a peer that may have any address makes every packet go on.
//
// Fragments: nf_defrag sits at priority -400, before us, once something in the namespace has asked for it. Tried on Linux
// 6.18: a tproxy expression asks for it as soon as its rule exists, also in a chain that nothing jumps to, and brings no
// connection tracking; `ct` brings both. With nf_defrag no fragment gets here; the fragment chains catch what would if it were
// absent: whatever may be TCP between protected addresses is dropped, for ports are in the first fragment only.
//
// IPv6: `meta l4proto` is the protocol behind all extension headers, and the transport header is where they end.
//
// VRF: a packet passes each hook twice there (drivers/net/vrf.c; tried on Linux 7.2). Inbound the first time with the slave, where it is queued like
// any other, the second time with the device of the VRF, where the kernel frees what is queued: that time is left out. What begins at the device (two ends
// in one VRF of this host, IPsec inside of it) has not passed before and is not left out: the kernel gives it another packet type, or a security path.
// Outbound the first time is with the device, and is left out: the segment is signed the second time. In front of the rules in4 and the like:
//       meta iifkind vrf meta pkttype host meta ipsec missing return       # in; out: meta oifkind vrf return

namespace TcpAo.Linux.Netfilter;

/// <summary>Writes sets, chains and rules of a model into a batch. The base chains are there already.</summary>
internal sealed partial class NftTableWriter
{
    public const string InChain = "in";
    public const string OutChain = "out";

    private const string In6Chain = "in6";
    private const string Out6Chain = "out6";
    private const byte ProtocolIcmp = 1;
    private const byte ProtocolTcp = 6;
    private const byte FragmentHeader = 44;
    private const byte ProtocolIcmpv6 = 58;
    private const byte PlainIPv4Header = 0x45;
    private const string FragmentProtocols = "fragment-protocols";
    private const string QuoteProtocols = "quote-protocols";
    private const string FirstQueueChain = "queue-0";
    private const string QueueMap = "queues";

    private readonly NftBatch _batch;
    private readonly NftModel _model;
    private readonly NftSupport _support;
    private readonly NftShapeTable _shapes;
    private readonly IReadOnlyList<NftShapeSet> _sets;

    public NftTableWriter(NftBatch batch, NftModel model, NftSupport support)
    {
        _batch = batch;
        _model = model;
        _support = support;
        _shapes = new NftShapeTable(model.Traffic);
        _sets = _shapes.Sets;
    }

    public void Write()
    {
        foreach (string name in (ReadOnlySpan<string>)[
            In6Chain, Out6Chain, "peer-in4", "peer-in6", "peer-out4", "peer-out6", "quote4", "quote6", "irregular4", "irregular6", "fragment4", "fragment6"])
        {
            _batch.NewChain(name);
        }

        WriteSets();
        WriteQueues();
        if (_model.Tun is { } tun)
        {
            WriteTunChains(tun);
        }

        WriteSegments("in4", NftFields.Inbound4, isInbound: true, _model.Tun is null ? QueueChainOf("in4") : TakenChain);
        WriteSegments("in6", NftFields.Inbound6, isInbound: true, _model.Tun is null ? QueueChainOf("in6") : TakenChain);
        WriteSegments("out4", NftFields.Outbound4, isInbound: false, QueueChainOf("out4"));
        WriteSegments("out6", NftFields.Outbound6, isInbound: false, QueueChainOf("out6"));
        WriteFragments("fragment4", NftFields.Inbound4);
        WriteFragments("fragment6", NftFields.Inbound6);
        WriteQuotes("quote4", "irregular4", NftFields.Quote4);
        WriteQuotes("quote6", "irregular6", NftFields.Quote6);
        if (_support.Defragmentation != DefragmentationSource.None)
        {
            _batch.NewChain("defragment");
            NftRuleWriter rule = _batch.BeginRule("defragment", "never reached: its existence switches defragmentation on");
            rule.Defragment(_support.Defragmentation);
            _batch.EndRule(rule);
        }

        // last, so that the message that is acknowledged is a rule of a base chain
        WriteBase();
    }

    private void WriteSets()
    {
        foreach (NftShapeSet set in _sets.Concat(_shapes.Remotes))
        {
            if (set.Shape.KeyLength > 0)
            {
                _batch.NewSet(set.Name, set.Shape.KeyType, set.Shape.KeyLength, _model.RoomFor(set.Keys.Count));
                _batch.NewElements(set.Name, set.Keys);
            }
        }

        if (_model.SignedPorts.Count > 0)
        {
            _batch.NewSet(SignedPorts, PortType, sizeof(ushort), _model.RoomFor(_model.SignedPorts.Count));
            _batch.NewElements(SignedPorts, [.. _model.SignedPorts.Select(PortKey)]);
        }

        // hop-by-hop, TCP, routing, fragment, authentication, destination options: what may lead to a TCP header
        byte[][] fragmentProtocols = [[0, 0, 0, 0], [6, 0, 0, 0], [43, 0, 0, 0], [44, 0, 0, 0], [51, 0, 0, 0], [60, 0, 0, 0]];
        byte[][] quoteProtocols = [.. fragmentProtocols.Where(key => key[0] != ProtocolTcp)];
        AddProtocols(FragmentProtocols, fragmentProtocols);
        AddProtocols(QuoteProtocols, quoteProtocols);
    }

    private void AddProtocols(string name, byte[][] keys)
    {
        const uint typeInetProtocol = 12;
        _batch.NewSet(name, typeInetProtocol, 1, keys.Length);
        _batch.NewElements(name, keys.Select(key => key[..1]));
    }

    private void WriteBase()
    {
        if (_model.Tun is { } tun)
        {
            WriteTunEntrance(tun);
            WriteSteering(tun);
        }

        WriteEntrance(In6Chain, "peer-in6", NftFields.Inbound6);
        WriteSigned(In6Chain, "queue-in6", NftFields.Inbound6);
        WriteQuoteJump(In6Chain, ProtocolIcmpv6, 1, 2, "quote6");
        WriteEntrance(Out6Chain, "peer-out6", NftFields.Outbound6);
        WriteFamilyJump(InChain, In6Chain);
        WriteEntrance(InChain, "peer-in4", NftFields.Inbound4);
        WriteSigned(InChain, "queue-in4", NftFields.Inbound4);
        WriteQuoteJump(InChain, ProtocolIcmp, 3, 3, "quote4");
        WriteFamilyJump(OutChain, Out6Chain);
        WriteEntrance(OutChain, "peer-out4", NftFields.Outbound4);
    }

    /// <summary>IPv6 has a chain of its own; behind the rule there is IPv4 alone.</summary>
    private void WriteFamilyJump(string chain, string target)
    {
        NftRuleWriter rule = _batch.BeginRule(chain, "TcpAo: protected TCP waits for tcpao run; tcpao run --release removes this table");
        rule.Meta(NftUapi.NFT_META_NFPROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [NftUapi.NFPROTO_IPV6]);
        rule.Verdict(NftUapi.NFT_GOTO, target);
        _batch.EndRule(rule);
    }

    /// <summary>Lets in what has an address of a peer at the other end.</summary>
    private void WriteEntrance(string chain, string target, NftFields fields)
    {
        foreach (NftShapeSet set in _shapes.Remotes.Where(set => set.Shape.IsIPv6 == fields.IsIPv6))
        {
            WriteMatch(chain, set, fields, needsLocal: false, NftUapi.NFT_JUMP, target);
        }
    }

    private void WriteQuoteJump(string chain, byte protocol, byte firstType, byte lastType, string target)
    {
        NftRuleWriter rule = _batch.BeginRule(chain, "TcpAo: ICMP errors that quote protected TCP");
        rule.Meta(NftUapi.NFT_META_L4PROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [protocol]);
        rule.Transport(0, 1, 0);
        rule.Range(0, [firstType], [lastType]);
        if (_support.HasFib)
        {
            rule.IsLocal(NftUapi.NFTA_FIB_F_DADDR, 0);
        }

        rule.Verdict(NftUapi.NFT_JUMP, target);
        _batch.EndRule(rule);
    }

    private string QueueChainOf(string direction) => _model.QueueCount == 1 ? FirstQueueChain : $"queue-{direction}";

    private void WriteSegments(string direction, NftFields fields, bool isInbound, string target)
    {
        string chain = $"peer-{direction}";
        string fragmentChain = fields.IsIPv6 ? "fragment6" : "fragment4";
        if (isInbound && fields.IsIPv6)
        {
            // before the protocol: a fragment may name an extension header in place of TCP, which l4proto does not see behind
            NftRuleWriter fragment = _batch.BeginRule(chain);
            fragment.ExtensionHeader(FragmentHeader, 0, 1, 0);
            fragment.Lookup(FragmentProtocols);
            fragment.Verdict(NftUapi.NFT_JUMP, fragmentChain);
            _batch.EndRule(fragment);
        }

        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Meta(NftUapi.NFT_META_L4PROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_NEQ, [ProtocolTcp]);
        rule.Verdict(NftUapi.NFT_RETURN);
        _batch.EndRule(rule);
        if (isInbound && !fields.IsIPv6)
        {
            rule = _batch.BeginRule(chain);

            // a whole word, for which the kernel has shortcuts: the offset and "more fragments"
            rule.Network(4, 4, 0);
            rule.Mask(0, [0, 0, 0x3F, 0xFF]);
            rule.Compare(0, NftUapi.NFT_CMP_NEQ, [0, 0, 0, 0]);
            rule.Verdict(NftUapi.NFT_JUMP, fragmentChain);
            _batch.EndRule(rule);
        }

        LeaveOutVrfDevice(chain, fields, isInbound);
        foreach (NftShapeSet set in _sets.Where(set => set.Shape.IsIPv6 == fields.IsIPv6 && set.Shape.IsForSegments))
        {
            WriteMatch(chain, set, fields, needsLocal: set.Shape.NeedsLocalLookup, NftUapi.NFT_GOTO, target);
        }
    }

    private void WriteFragments(string chain, NftFields fields)
    {
        foreach (NftShapeSet set in _sets.Where(set => set.Shape.IsIPv6 == fields.IsIPv6 && set.Shape.IsForFragments))
        {
            WriteMatch(chain, set, fields, needsLocal: set.Shape.NeedsLocalLookup, NftUapi.NF_DROP, null);
        }
    }

    /// <summary>The time that a packet passes with the device of a VRF instead of the interface.</summary>
    private void LeaveOutVrfDevice(string chain, NftFields fields, bool isInbound)
    {
        if (!_support.HasInterfaceKind)
        {
            return;
        }

        Span<byte> kind = stackalloc byte[NftShape.InterfaceLength];
        "vrf"u8.CopyTo(kind);
        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Meta(fields.KindKey, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, kind);
        if (isInbound)
        {
            // PACKET_HOST of linux/if_packet.h
            rule.Meta(NftUapi.NFT_META_PKTTYPE, 0);
            rule.Compare(0, NftUapi.NFT_CMP_EQ, [0]);
            if (_support.HasSecurityPath)
            {
                rule.Meta(NftUapi.NFT_META_SECPATH, 0);
                rule.Compare(0, NftUapi.NFT_CMP_EQ, [0]);
            }
        }

        rule.Verdict(NftUapi.NFT_RETURN);
        _batch.EndRule(rule);
    }

    private void WriteQuotes(string chain, string irregularChain, NftFields fields)
    {
        LeaveOutVrfDevice(chain, fields, isInbound: true);
        NftRuleWriter rule = _batch.BeginRule(chain);
        if (fields.IsIPv6)
        {
            // an extension header: where the ports are is not known
            rule.Transport(14, 1, 0);
            rule.Lookup(QuoteProtocols);
            rule.Verdict(NftUapi.NFT_GOTO, irregularChain);
        }
        else
        {
            // options, or a version that the kernel does not look at: likewise
            rule.Transport(17, 1, 0);
            rule.Compare(0, NftUapi.NFT_CMP_EQ, [ProtocolTcp]);
            rule.Transport(8, 1, 0);
            rule.Compare(0, NftUapi.NFT_CMP_NEQ, [PlainIPv4Header]);
            rule.Verdict(NftUapi.NFT_GOTO, irregularChain);
        }

        _batch.EndRule(rule);
        rule = _batch.BeginRule(chain);
        rule.Transport(fields.IsIPv6 ? 14 : 17, 1, 0);
        rule.Compare(0, NftUapi.NFT_CMP_NEQ, [ProtocolTcp]);
        rule.Verdict(NftUapi.NFT_RETURN);
        _batch.EndRule(rule);

        string target = _model.QueueCount == 1 ? FirstQueueChain : $"queue-{chain}";
        foreach (NftShapeSet set in _sets.Where(set => set.Shape.IsIPv6 == fields.IsIPv6))
        {
            if (set.Shape.IsForQuotes)
            {
                WriteMatch(chain, set, fields, needsLocal: false, NftUapi.NFT_GOTO, target);
            }

            if (set.Shape.IsForIrregularQuotes)
            {
                WriteMatch(irregularChain, set, fields, needsLocal: false, NftUapi.NFT_GOTO, FirstQueueChain);
            }
        }
    }
}
