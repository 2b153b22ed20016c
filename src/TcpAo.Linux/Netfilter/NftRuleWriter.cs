// Expressions of linux/netfilter/nf_tables.h. Registers are counted in words of four bytes: a field of two bytes takes one.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>Writes the expressions of one rule; <see cref="End"/> ends it.</summary>
internal readonly ref struct NftRuleWriter
{
    private readonly NetlinkBuffer _buffer;
    private readonly int _expressions;

    public NftRuleWriter(NetlinkBuffer buffer)
    {
        _buffer = buffer;
        _expressions = buffer.BeginNested(NftUapi.NFTA_RULE_EXPRESSIONS);
    }

    public void End() => _buffer.EndNested(_expressions);

    public void Meta(uint key, int word)
    {
        Expression expression = Begin("meta");
        _buffer.PutU32Network(NftUapi.NFTA_META_KEY, key);
        _buffer.PutU32Network(NftUapi.NFTA_META_DREG, Register(word));
        Close(expression);
    }

    /// <summary>Gives the packet a firewall mark.</summary>
    public void SetMark(uint mark)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(value, mark);
        Expression expression = Begin("immediate");
        _buffer.PutU32Network(NftUapi.NFTA_IMMEDIATE_DREG, Register(0));
        Data(NftUapi.NFTA_IMMEDIATE_DATA, value);
        Close(expression);
        expression = Begin("meta");
        _buffer.PutU32Network(NftUapi.NFTA_META_KEY, NftUapi.NFT_META_MARK);
        _buffer.PutU32Network(NftUapi.NFTA_META_SREG, Register(0));
        Close(expression);
    }

    /// <summary>Loads whether the packet's route leads through IPsec.</summary>
    public void RouteIpsec(int word)
    {
        Expression expression = Begin("rt");
        _buffer.PutU32Network(NftUapi.NFTA_RT_KEY, NftUapi.NFT_RT_XFRM);
        _buffer.PutU32Network(NftUapi.NFTA_RT_DREG, Register(word));
        Close(expression);
    }

    /// <summary>Loads bytes of the packet; those of a part that the packet lacks end the rule without a match.</summary>
    public void Payload(uint header, int offset, int length, int word)
    {
        Expression expression = Begin("payload");
        _buffer.PutU32Network(NftUapi.NFTA_PAYLOAD_DREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_PAYLOAD_BASE, header);
        _buffer.PutU32Network(NftUapi.NFTA_PAYLOAD_OFFSET, (uint)offset);
        _buffer.PutU32Network(NftUapi.NFTA_PAYLOAD_LEN, (uint)length);
        Close(expression);
    }

    public void Network(int offset, int length, int word) => Payload(NftUapi.NFT_PAYLOAD_NETWORK_HEADER, offset, length, word);

    public void Transport(int offset, int length, int word) => Payload(NftUapi.NFT_PAYLOAD_TRANSPORT_HEADER, offset, length, word);

    public void ExtensionHeader(byte type, int offset, int length, int word)
    {
        Expression expression = Begin("exthdr");
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_DREG, Register(word));
        _buffer.PutU8(NftUapi.NFTA_EXTHDR_TYPE, type);
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_OFFSET, (uint)offset);
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_LEN, (uint)length);
        Close(expression);
    }

    /// <summary>Goes on where the TCP header has an option.</summary>
    public void HasTcpOption(byte kind, int word)
    {
        Expression expression = Begin("exthdr");
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_DREG, Register(word));
        _buffer.PutU8(NftUapi.NFTA_EXTHDR_TYPE, kind);
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_OFFSET, 0);
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_LEN, 1);
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_FLAGS, NftUapi.NFT_EXTHDR_F_PRESENT);
        _buffer.PutU32Network(NftUapi.NFTA_EXTHDR_OP, NftUapi.NFT_EXTHDR_OP_TCPOPT);
        Close(expression);
        Compare(word, NftUapi.NFT_CMP_EQ, [1]);
    }

    public void Compare(int word, uint operation, scoped ReadOnlySpan<byte> value)
    {
        Expression expression = Begin("cmp");
        _buffer.PutU32Network(NftUapi.NFTA_CMP_SREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_CMP_OP, operation);
        Data(NftUapi.NFTA_CMP_DATA, value);
        Close(expression);
    }

    public void Range(int word, scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to)
    {
        Expression expression = Begin("range");
        _buffer.PutU32Network(NftUapi.NFTA_RANGE_SREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_RANGE_OP, 0);
        Data(NftUapi.NFTA_RANGE_FROM_DATA, from);
        Data(NftUapi.NFTA_RANGE_TO_DATA, to);
        Close(expression);
    }

    public void Mask(int word, scoped ReadOnlySpan<byte> mask)
    {
        Expression expression = Begin("bitwise");
        _buffer.PutU32Network(NftUapi.NFTA_BITWISE_SREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_BITWISE_DREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_BITWISE_LEN, (uint)mask.Length);
        Data(NftUapi.NFTA_BITWISE_MASK, mask);
        Span<byte> zero = stackalloc byte[16];
        zero.Clear();
        Data(NftUapi.NFTA_BITWISE_XOR, zero[..mask.Length]);
        Close(expression);
    }

    /// <summary>Goes on where the set has the words from the first on.</summary>
    public void Lookup(string set)
    {
        Expression expression = Begin("lookup");
        _buffer.PutString(NftUapi.NFTA_LOOKUP_SET, set);
        _buffer.PutU32Network(NftUapi.NFTA_LOOKUP_SREG, Register(0));
        Close(expression);
    }

    /// <summary>Takes the verdict that the map has for a word.</summary>
    public void LookupVerdict(string map, int word)
    {
        Expression expression = Begin("lookup");
        _buffer.PutString(NftUapi.NFTA_LOOKUP_SET, map);
        _buffer.PutU32Network(NftUapi.NFTA_LOOKUP_SREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_LOOKUP_DREG, NftUapi.NFT_REG_VERDICT);
        Close(expression);
    }

    /// <summary>Goes on where the packet's source or destination is an address of this namespace.</summary>
    public void IsLocal(uint address, int word)
    {
        Expression expression = Begin("fib");
        _buffer.PutU32Network(NftUapi.NFTA_FIB_DREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_FIB_RESULT, NftUapi.NFT_FIB_RESULT_ADDRTYPE);
        _buffer.PutU32Network(NftUapi.NFTA_FIB_FLAGS, address);
        Close(expression);
        Span<byte> type = stackalloc byte[4];
        MemoryMarshal.Write(type, NftUapi.RTN_LOCAL);
        Compare(word, NftUapi.NFT_CMP_EQ, type);
    }

    /// <summary>Hashes the first words into a number from <paramref name="offset"/> on. The seed is fixed: each rule would draw its own.</summary>
    public void Hash(int length, int count, uint offset, int word)
    {
        Expression expression = Begin("hash");
        _buffer.PutU32Network(NftUapi.NFTA_HASH_SREG, Register(0));
        _buffer.PutU32Network(NftUapi.NFTA_HASH_DREG, Register(word));
        _buffer.PutU32Network(NftUapi.NFTA_HASH_LEN, (uint)length);
        _buffer.PutU32Network(NftUapi.NFTA_HASH_MODULUS, (uint)count);
        _buffer.PutU32Network(NftUapi.NFTA_HASH_SEED, NftModel.HashSeed);
        _buffer.PutU32Network(NftUapi.NFTA_HASH_OFFSET, offset);
        _buffer.PutU32Network(NftUapi.NFTA_HASH_TYPE, 0);
        Close(expression);
    }

    /// <summary>The <c>queue</c> expression, without bypass.</summary>
    public void Queue(ushort number)
    {
        Expression expression = Begin("queue");
        _buffer.PutU16Network(NftUapi.NFTA_QUEUE_NUM, number);
        _buffer.PutU16Network(NftUapi.NFTA_QUEUE_TOTAL, 1);
        Close(expression);
    }

    /// <summary>The <c>queue</c> expression with the number in a word.</summary>
    public void QueueByWord(int word)
    {
        Expression expression = Begin("queue");
        _buffer.PutU32Network(NftUapi.NFTA_QUEUE_SREG_QNUM, Register(word));
        Close(expression);
    }

    /// <summary>
    /// The xtables target NFQUEUE, revision 1 (struct xt_NFQ_info_v1: first queue, how many): the last revision that knows no
    /// bypass, so that it cannot fail open.
    /// </summary>
    public void QueueTarget(ushort number)
    {
        Expression expression = Begin("target");
        _buffer.PutString(NftUapi.NFTA_TARGET_NAME, "NFQUEUE");
        _buffer.PutU32Network(NftUapi.NFTA_TARGET_REV, 1);

        // XT_ALIGN: eight bytes; the numbers are in the machine's order
        Span<byte> info = _buffer.Reserve(NftUapi.NFTA_TARGET_INFO, 8);
        MemoryMarshal.Write(info, number);
        MemoryMarshal.Write(info[2..], (ushort)1);
        Close(expression);
    }

    public void Verdict(int code, string? chain = null)
    {
        Expression expression = Begin("immediate");
        _buffer.PutU32Network(NftUapi.NFTA_IMMEDIATE_DREG, NftUapi.NFT_REG_VERDICT);
        PutVerdict(_buffer, NftUapi.NFTA_IMMEDIATE_DATA, code, chain);
        Close(expression);
    }

    /// <summary>Switches nf_defrag on for as long as the rule exists; the rule is never reached.</summary>
    public void Defragment(DefragmentationSource source)
    {
        Span<byte> port = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(port, 1);
        Expression expression = Begin("immediate");
        _buffer.PutU32Network(NftUapi.NFTA_IMMEDIATE_DREG, Register(0));
        Data(NftUapi.NFTA_IMMEDIATE_DATA, port);
        Close(expression);
        if (source == DefragmentationSource.Tproxy)
        {
            expression = Begin("tproxy");
            _buffer.PutU32Network(NftUapi.NFTA_TPROXY_FAMILY, 0);
            _buffer.PutU32Network(NftUapi.NFTA_TPROXY_REG_PORT, Register(0));
            Close(expression);
        }
        else
        {
            expression = Begin("ct");
            _buffer.PutU32Network(NftUapi.NFTA_CT_DREG, Register(0));
            _buffer.PutU32Network(NftUapi.NFTA_CT_KEY, 0);
            Close(expression);
        }
    }

    public static void PutVerdict(NetlinkBuffer buffer, ushort attribute, int code, string? chain)
    {
        int data = buffer.BeginNested(attribute);
        int verdict = buffer.BeginNested(NftUapi.NFTA_DATA_VERDICT);
        buffer.PutU32Network(NftUapi.NFTA_VERDICT_CODE, (uint)code);
        if (chain is not null)
        {
            buffer.PutString(NftUapi.NFTA_VERDICT_CHAIN, chain);
        }

        buffer.EndNested(verdict);
        buffer.EndNested(data);
    }

    private static uint Register(int word) => NftUapi.NFT_REG32_00 + (uint)word;

    private void Data(ushort attribute, scoped ReadOnlySpan<byte> value)
    {
        int data = _buffer.BeginNested(attribute);
        _buffer.Put(NftUapi.NFTA_DATA_VALUE, value);
        _buffer.EndNested(data);
    }

    private Expression Begin(string name)
    {
        int element = _buffer.BeginNested(NftUapi.NFTA_LIST_ELEM);
        _buffer.PutString(NftUapi.NFTA_EXPR_NAME, name);
        return new Expression(element, _buffer.BeginNested(NftUapi.NFTA_EXPR_DATA));
    }

    private void Close(Expression expression)
    {
        _buffer.EndNested(expression.Data);
        _buffer.EndNested(expression.Element);
    }

    private readonly record struct Expression(int Element, int Data);
}
