// A transaction of nf_tables: messages between BATCH_BEGIN and BATCH_END take effect together or not at all. For packets the
// change is one step: a chain's rules are read once for each packet, before or after.
using System.Text;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>Writes a transaction on our table.</summary>
internal sealed class NftBatch
{
    // a list's length has 16 bits
    private const int ElementBytesMaximum = 48 * 1024;

    private readonly NetlinkSocket _socket;
    private readonly string _table;
    private uint _setId;

    public NftBatch(NetlinkSocket socket, string table)
    {
        _socket = socket;
        _table = table;
    }

    public NetlinkBuffer Buffer { get; } = new(64 * 1024);

    /// <summary>Of the message that is acknowledged.</summary>
    public uint LastSequence { get; private set; }

    /// <param name="generation">The generation that the batch is for: another change before it fails it with ERESTART. Null for any.</param>
    public void Begin(uint? generation)
    {
        Buffer.Clear();
        LastSequence = _socket.NextSequence();
        Buffer.Begin(NetlinkUapi.NFNL_MSG_BATCH_BEGIN, NetlinkUapi.NLM_F_REQUEST, LastSequence);
        Buffer.Append(NetlinkUapi.NetfilterHeaderLength)[3] = NetlinkUapi.NFNL_SUBSYS_NFTABLES;
        if (generation is { } id)
        {
            Buffer.PutU32Network(NetlinkUapi.NFNL_BATCH_GENID, id);
        }

        Buffer.End();
    }

    /// <summary>Ends the batch; the message before is the one that is acknowledged.</summary>
    public void End()
    {
        Buffer.RequestAck();
        Buffer.Begin(NetlinkUapi.NFNL_MSG_BATCH_END, NetlinkUapi.NLM_F_REQUEST, _socket.NextSequence());
        Buffer.Append(NetlinkUapi.NetfilterHeaderLength)[3] = NetlinkUapi.NFNL_SUBSYS_NFTABLES;
        Buffer.End();
    }

    /// <summary>Makes the table, or takes over one without a living owner.</summary>
    public void NewTable(uint flags)
    {
        Message(NftUapi.NFT_MSG_NEWTABLE, NetlinkUapi.NLM_F_CREATE);
        Buffer.PutString(NftUapi.NFTA_TABLE_NAME, _table);
        Buffer.PutU32Network(NftUapi.NFTA_TABLE_FLAGS, flags);
        Buffer.End();
    }

    public void DeleteTable()
    {
        Message(NftUapi.NFT_MSG_DELTABLE, 0);
        Buffer.PutString(NftUapi.NFTA_TABLE_NAME, _table);
        Buffer.End();
    }

    public void NewBaseChain(string name, uint hook, int priority, string type = "filter")
    {
        Message(NftUapi.NFT_MSG_NEWCHAIN, NetlinkUapi.NLM_F_CREATE);
        Buffer.PutString(NftUapi.NFTA_CHAIN_TABLE, _table);
        Buffer.PutString(NftUapi.NFTA_CHAIN_NAME, name);
        int nested = Buffer.BeginNested(NftUapi.NFTA_CHAIN_HOOK);
        Buffer.PutU32Network(NftUapi.NFTA_HOOK_HOOKNUM, hook);
        Buffer.PutU32Network(NftUapi.NFTA_HOOK_PRIORITY, (uint)priority);
        Buffer.EndNested(nested);
        Buffer.PutU32Network(NftUapi.NFTA_CHAIN_POLICY, NftUapi.NF_ACCEPT);
        Buffer.PutString(NftUapi.NFTA_CHAIN_TYPE, type);
        Buffer.End();
    }

    public void NewChain(string name)
    {
        Message(NftUapi.NFT_MSG_NEWCHAIN, NetlinkUapi.NLM_F_CREATE);
        Buffer.PutString(NftUapi.NFTA_CHAIN_TABLE, _table);
        Buffer.PutString(NftUapi.NFTA_CHAIN_NAME, name);
        Buffer.End();
    }

    public void DeleteChain(string name)
    {
        Message(NftUapi.NFT_MSG_DELCHAIN, 0);
        Buffer.PutString(NftUapi.NFTA_CHAIN_TABLE, _table);
        Buffer.PutString(NftUapi.NFTA_CHAIN_NAME, name);
        Buffer.End();
    }

    /// <summary>Deletes the rules of every chain.</summary>
    public void DeleteRules()
    {
        Message(NftUapi.NFT_MSG_DELRULE, 0);
        Buffer.PutString(NftUapi.NFTA_RULE_TABLE, _table);
        Buffer.End();
    }

    public void DeleteSet(string name)
    {
        Message(NftUapi.NFT_MSG_DELSET, 0);
        Buffer.PutString(NftUapi.NFTA_SET_TABLE, _table);
        Buffer.PutString(NftUapi.NFTA_SET_NAME, name);
        Buffer.End();
    }

    public void NewSet(string name, uint keyType, int keyLength, int size, bool isVerdictMap = false)
    {
        Message(NftUapi.NFT_MSG_NEWSET, NetlinkUapi.NLM_F_CREATE);
        Buffer.PutString(NftUapi.NFTA_SET_TABLE, _table);
        Buffer.PutString(NftUapi.NFTA_SET_NAME, name);
        Buffer.PutU32Network(NftUapi.NFTA_SET_FLAGS, isVerdictMap ? NftUapi.NFT_SET_MAP : 0);
        Buffer.PutU32Network(NftUapi.NFTA_SET_KEY_TYPE, keyType);
        Buffer.PutU32Network(NftUapi.NFTA_SET_KEY_LEN, (uint)keyLength);
        if (isVerdictMap)
        {
            Buffer.PutU32Network(NftUapi.NFTA_SET_DATA_TYPE, NftUapi.NFT_DATA_VERDICT);
        }

        int description = Buffer.BeginNested(NftUapi.NFTA_SET_DESC);
        Buffer.PutU32Network(NftUapi.NFTA_SET_DESC_SIZE, (uint)size);
        Buffer.EndNested(description);
        Buffer.PutU32Network(NftUapi.NFTA_SET_ID, ++_setId);
        Buffer.End();
    }

    /// <summary>Fills a set; where there are verdicts, each key goes to the chain of that name.</summary>
    public void NewElements(string set, IEnumerable<byte[]> keys, Func<byte[], string>? chain = null)
    {
        int list = -1;
        int start = 0;
        foreach (byte[] key in keys)
        {
            if (list < 0)
            {
                Message(NftUapi.NFT_MSG_NEWSETELEM, NetlinkUapi.NLM_F_CREATE);
                Buffer.PutString(NftUapi.NFTA_SET_ELEM_LIST_TABLE, _table);
                Buffer.PutString(NftUapi.NFTA_SET_ELEM_LIST_SET, set);
                start = Buffer.Length;
                list = Buffer.BeginNested(NftUapi.NFTA_SET_ELEM_LIST_ELEMENTS);
            }

            int element = Buffer.BeginNested(NftUapi.NFTA_LIST_ELEM);
            int data = Buffer.BeginNested(NftUapi.NFTA_SET_ELEM_KEY);
            Buffer.Put(NftUapi.NFTA_DATA_VALUE, key);
            Buffer.EndNested(data);
            if (chain is not null)
            {
                NftRuleWriter.PutVerdict(Buffer, NftUapi.NFTA_SET_ELEM_DATA, NftUapi.NFT_GOTO, chain(key));
            }

            Buffer.EndNested(element);
            if (Buffer.Length - start > ElementBytesMaximum)
            {
                Buffer.EndNested(list);
                Buffer.End();
                list = -1;
            }
        }

        if (list >= 0)
        {
            Buffer.EndNested(list);
            Buffer.End();
        }
    }

    /// <summary>Begins a rule at the end of a chain; <see cref="EndRule"/> ends it.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="comment">What a listing by the nft program shows beside it.</param>
    public NftRuleWriter BeginRule(string chain, string? comment = null)
    {
        Message(NftUapi.NFT_MSG_NEWRULE, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_APPEND);
        Buffer.PutString(NftUapi.NFTA_RULE_TABLE, _table);
        Buffer.PutString(NftUapi.NFTA_RULE_CHAIN, chain);
        if (comment is not null)
        {
            // libnftnl's user data: type 0 is the comment, then its length, then text with a zero byte
            byte[] text = Encoding.UTF8.GetBytes(comment);
            Span<byte> data = Buffer.Reserve(NftUapi.NFTA_RULE_USERDATA, text.Length + 3);
            data[1] = (byte)(text.Length + 1);
            text.CopyTo(data[2..]);
        }

        return new NftRuleWriter(Buffer);
    }

    public void EndRule(NftRuleWriter rule)
    {
        rule.End();
        Buffer.End();
    }

    private void Message(int type, int flags)
    {
        LastSequence = _socket.NextSequence();
        Buffer.BeginNetfilter(
            NetlinkUapi.NFNL_SUBSYS_NFTABLES, type, NetlinkUapi.NLM_F_REQUEST | flags, LastSequence, NftUapi.NFPROTO_INET, 0);
    }
}
