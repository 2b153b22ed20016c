// The rules, as the nft program would print them for one queue and peers with a host address and port 179 at either end:
//
//   table inet tcpao {
//     chain in  { type filter hook prerouting priority -300; policy accept;
//       meta nfproto ipv4 meta l4proto tcp jump in4              # in6 likewise
//       meta nfproto ipv4 meta l4proto icmp @th,0,8 3 fib daddr type local jump quote4
//       meta nfproto ipv6 meta l4proto icmpv6 @th,0,8 1-2 fib daddr type local jump quote6 }
//     chain out { type filter hook postrouting priority 300; policy accept;
//       meta nfproto ipv4 meta l4proto tcp jump out4 }           # out6 likewise
//     chain in4 {
//       ip frag-off & 0x3fff != 0 jump fragment4
//       ip saddr . tcp sport @v4-0 fib daddr type local goto queue-in4
//       ip saddr . tcp dport @v4-2 fib daddr type local goto queue-in4 }
//     chain queue-in4 { queue to 5925 }                          # or: target NFQUEUE
//     chain defragment { tproxy to :1 }                          # never reached
//   }
//
// Fragments: nf_defrag sits at priority -400, before us, once something in the namespace has asked for it. Tried on Linux
// 6.18: a tproxy expression asks for it as soon as its rule exists, also in a chain that nothing jumps to, and brings no
// connection tracking; `ct` brings both. With nf_defrag no fragment gets here; the fragment chains catch what would if it were
// absent: whatever may be TCP between protected addresses is dropped, for ports are in the first fragment only.
//
// IPv6: `meta l4proto` is the protocol behind all extension headers, and the transport header is where they end.
//
// VRF: a packet passes prerouting twice there, with the slave and with the VRF device; not handled, and not tried: the
// kernel of the development machine has none.

namespace TcpAo.Linux.Netfilter;

/// <summary>Writes sets, chains and rules of a model into a batch. The base chains are there already.</summary>
internal sealed partial class NftTableWriter
{
    public const string InChain = "in";
    public const string OutChain = "out";

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
    private readonly IReadOnlyList<NftShapeSet> _sets;

    public NftTableWriter(NftBatch batch, NftModel model, NftSupport support)
    {
        _batch = batch;
        _model = model;
        _support = support;
        _sets = new NftShapeTable(model.Traffic).Sets;
    }

    public void Write()
    {
        foreach (string name in (ReadOnlySpan<string>)["in4", "in6", "out4", "out6", "quote4", "quote6", "irregular4", "irregular6", "fragment4", "fragment6"])
        {
            _batch.NewChain(name);
        }

        WriteSets();
        WriteQueues();
        WriteSegments("in4", "fragment4", NftFields.Inbound4);
        WriteSegments("in6", "fragment6", NftFields.Inbound6);
        WriteSigned("in4", NftFields.Inbound4);
        WriteSigned("in6", NftFields.Inbound6);
        WriteSegments("out4", null, NftFields.Outbound4);
        WriteSegments("out6", null, NftFields.Outbound6);
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
        foreach (NftShapeSet set in _sets)
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
        WriteJump(OutChain, NftUapi.NFPROTO_IPV4, ProtocolTcp, "out4");
        WriteJump(OutChain, NftUapi.NFPROTO_IPV6, ProtocolTcp, "out6");
        WriteQuoteJump(NftUapi.NFPROTO_IPV4, ProtocolIcmp, 3, 3, "quote4");
        WriteQuoteJump(NftUapi.NFPROTO_IPV6, ProtocolIcmpv6, 1, 2, "quote6");

        // an IPv6 fragment may name an extension header in place of TCP, which l4proto does not see behind
        NftRuleWriter rule = _batch.BeginRule(InChain);
        Family(rule, NftUapi.NFPROTO_IPV6);
        rule.ExtensionHeader(FragmentHeader, 0, 1, 0);
        rule.Lookup(FragmentProtocols);
        rule.Verdict(NftUapi.NFT_JUMP, "fragment6");
        _batch.EndRule(rule);
        WriteJump(InChain, NftUapi.NFPROTO_IPV6, ProtocolTcp, "in6");
        WriteJump(InChain, NftUapi.NFPROTO_IPV4, ProtocolTcp, "in4");
    }

    private void WriteJump(string chain, byte family, byte protocol, string target)
    {
        NftRuleWriter rule = _batch.BeginRule(chain, "TcpAo: protected TCP waits for tcpao run; tcpao run --release removes this table");
        Family(rule, family);
        rule.Meta(NftUapi.NFT_META_L4PROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [protocol]);
        rule.Verdict(NftUapi.NFT_JUMP, target);
        _batch.EndRule(rule);
    }

    private void WriteQuoteJump(byte family, byte protocol, byte firstType, byte lastType, string target)
    {
        NftRuleWriter rule = _batch.BeginRule(InChain, "TcpAo: ICMP errors that quote protected TCP");
        Family(rule, family);
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

    private void WriteSegments(string chain, string? fragmentChain, NftFields fields)
    {
        if (fragmentChain is not null && !fields.IsIPv6)
        {
            NftRuleWriter rule = _batch.BeginRule(chain);
            rule.Network(6, 2, 0);
            rule.Mask(0, [0x3F, 0xFF]);
            rule.Compare(0, NftUapi.NFT_CMP_NEQ, [0, 0]);
            rule.Verdict(NftUapi.NFT_JUMP, fragmentChain);
            _batch.EndRule(rule);
        }

        string target = _model.QueueCount == 1 ? FirstQueueChain : $"queue-{chain}";
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

    private void WriteQuotes(string chain, string irregularChain, NftFields fields)
    {
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

    private static void Family(NftRuleWriter rule, byte family)
    {
        rule.Meta(NftUapi.NFT_META_NFPROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [family]);
    }
}
