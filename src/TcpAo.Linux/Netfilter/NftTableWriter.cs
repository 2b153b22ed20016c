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
// Several queues: queue-in4 hashes (remote address, local address, remote port, local port), in that order in both
// directions, with one seed. jhash is not symmetric; its input is. So both directions of a connection, and the ICMP errors
// that quote it, meet one queue. Where the queue's number cannot come from a register (the xtables target), a verdict map
// leads from the hash to a chain with the number in it. What falls through is dropped.
//
// Fragments: nf_defrag sits at priority -400, before us, once something in the namespace has asked for it. Tried on Linux
// 6.18: a tproxy expression asks for it as soon as its rule exists, also in a chain that nothing jumps to, and brings no
// connection tracking; `ct` brings both; `socket` does not ask. With nf_defrag no fragment gets here; the fragment chains
// catch what would if it were absent.
//
// IPv6: `meta l4proto` is the protocol behind all extension headers, and the transport header is where they end.
//
// VRF: a packet passes prerouting twice there, with the slave and with the VRF device; not handled, and not tried: the
// kernel of the development machine has none.
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Netfilter;

/// <summary>Writes sets, chains and rules of a model into a batch. The base chains are there already.</summary>
internal sealed class NftTableWriter
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
                _batch.NewSet(set.Name, set.Shape.KeyType, set.Shape.KeyLength, set.Keys.Count);
                _batch.NewElements(set.Name, set.Keys);
            }
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

    private void WriteQueues()
    {
        for (int i = 0; i < _model.QueueCount; i++)
        {
            // a register holds any number; chains are for constants
            if (i == 0 || !_support.HasQueueExpression)
            {
                string name = QueueChain(i);
                _batch.NewChain(name);
                WriteQueue(name, (ushort)(_model.FirstQueue + i));
            }
        }

        if (_model.QueueCount == 1)
        {
            return;
        }

        if (!_support.HasQueueExpression)
        {
            byte[][] keys = new byte[_model.QueueCount][];
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = new byte[4];
                MemoryMarshal.Write(keys[i], i);
            }

            const uint typeMark = 19;
            _batch.NewSet(QueueMap, typeMark, 4, keys.Length, isVerdictMap: true);
            _batch.NewElements(QueueMap, keys, key => QueueChain(MemoryMarshal.Read<int>(key)));
        }

        WriteSpread("queue-in4", NftFields.Inbound4);
        WriteSpread("queue-in6", NftFields.Inbound6);
        WriteSpread("queue-out4", NftFields.Outbound4);
        WriteSpread("queue-out6", NftFields.Outbound6);
        WriteSpread("queue-quote4", NftFields.Quote4);
        WriteSpread("queue-quote6", NftFields.Quote6);
    }

    private void WriteQueue(string chain, ushort number)
    {
        NftRuleWriter rule = _batch.BeginRule(chain);
        if (_support.HasQueueExpression)
        {
            rule.Queue(number);
        }
        else
        {
            rule.QueueTarget(number);
        }

        _batch.EndRule(rule);
    }

    private void WriteSpread(string chain, NftFields fields)
    {
        _batch.NewChain(chain);
        NftRuleWriter rule = _batch.BeginRule(chain);
        int words = fields.AddressLength / 4;
        rule.Payload(fields.AddressHeader, fields.Remote, fields.AddressLength, 0);
        rule.Payload(fields.AddressHeader, fields.Local, fields.AddressLength, words);
        int length = 2 * words;
        if (_model.Spread == QueueSpread.Connection)
        {
            rule.Transport(fields.RemotePort, 2, length++);
            rule.Transport(fields.LocalPort, 2, length++);
        }

        if (_support.HasQueueExpression)
        {
            rule.Hash(length * 4, _model.QueueCount, _model.FirstQueue, length);
            rule.QueueByWord(length);
        }
        else
        {
            rule.Hash(length * 4, _model.QueueCount, 0, length);
            rule.LookupVerdict(QueueMap, length);
        }

        _batch.EndRule(rule);
        Verdict(chain, NftUapi.NF_DROP);
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

    /// <summary>A rule that looks the ends of a connection up in a set.</summary>
    private void WriteMatch(string chain, NftShapeSet set, NftFields fields, bool needsLocal, int verdict, string? target)
    {
        NftShape shape = set.Shape;
        NftRuleWriter rule = _batch.BeginRule(chain);
        Range(rule, shape.RemotePort, fields.RemotePort);
        Range(rule, shape.LocalPort, fields.LocalPort);
        int word = 0;
        Address(rule, fields, fields.Remote, shape.RemoteLength, ref word);
        Address(rule, fields, fields.Local, shape.LocalLength, ref word);
        Port(rule, shape.RemotePort, fields.RemotePort, ref word);
        Port(rule, shape.LocalPort, fields.LocalPort, ref word);
        if (shape.HasInterface)
        {
            rule.Meta(fields.InterfaceKey, word);
        }

        if (shape.KeyLength > 0)
        {
            rule.Lookup(set.Name);
        }

        if (needsLocal && _support.HasFib)
        {
            rule.IsLocal(fields.LocalAddress, 0);
        }

        rule.Verdict(verdict, target);
        _batch.EndRule(rule);
    }

    private static void Range(NftRuleWriter rule, NftPortTest test, int offset)
    {
        if (test.IsRange)
        {
            Span<byte> low = stackalloc byte[2];
            Span<byte> high = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(low, test.Low);
            BinaryPrimitives.WriteUInt16BigEndian(high, test.High);
            rule.Transport(offset, 2, 0);
            rule.Range(0, low, high);
        }
    }

    private static void Address(NftRuleWriter rule, NftFields fields, int offset, int prefixLength, ref int word)
    {
        if (prefixLength == 0)
        {
            return;
        }

        int length = fields.AddressLength;
        rule.Payload(fields.AddressHeader, offset, length, word);
        if (prefixLength < length * 8)
        {
            Span<byte> mask = stackalloc byte[length];
            mask.Clear();
            mask[..(prefixLength / 8)].Fill(0xFF);
            if (prefixLength % 8 != 0)
            {
                mask[prefixLength / 8] = (byte)(0xFF << (8 - (prefixLength % 8)));
            }

            rule.Mask(word, mask);
        }

        word += length / 4;
    }

    private static void Port(NftRuleWriter rule, NftPortTest test, int offset, ref int word)
    {
        if (!test.IsInKey)
        {
            return;
        }

        rule.Transport(offset, 2, word);
        if (test.Mask != ushort.MaxValue)
        {
            Span<byte> mask = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(mask, test.Mask);
            rule.Mask(word, mask);
        }

        word++;
    }

    private static void Family(NftRuleWriter rule, byte family)
    {
        rule.Meta(NftUapi.NFT_META_NFPROTO, 0);
        rule.Compare(0, NftUapi.NFT_CMP_EQ, [family]);
    }

    private static string QueueChain(int index) => string.Create(CultureInfo.InvariantCulture, $"queue-{index}");

    private void Verdict(string chain, int verdict)
    {
        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Verdict(verdict);
        _batch.EndRule(rule);
    }
}
