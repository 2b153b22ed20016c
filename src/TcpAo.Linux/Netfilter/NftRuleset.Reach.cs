// What the rules of another process are about.
using System.Buffers.Binary;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

public sealed partial class NftRuleset
{
    /// <summary>Reads what the table's rules reach. Where there is no table that is nothing.</summary>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing.</exception>
    public NftReach ReadReach()
    {
        NftReach reach = new();
        Dictionary<string, uint> types = new(StringComparer.Ordinal);
        Dump(NftUapi.NFT_MSG_GETSET, NftUapi.NFTA_SET_TABLE, message =>
        {
            NetlinkAttributes attributes = message.NetfilterAttributes;
            uint type = attributes.TryFind(NftUapi.NFTA_SET_KEY_TYPE, out ReadOnlySpan<byte> value) ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;
            types[attributes.FindText(NftUapi.NFTA_SET_NAME)] = type;
        });
        foreach ((string set, uint type) in types)
        {
            reach.AddLength(set);
            uint sequence = Request(NftUapi.NFT_MSG_GETSETELEM, NetlinkUapi.NLM_F_DUMP, withTable: true, NftUapi.NFTA_SET_ELEM_LIST_TABLE);
            _request.PutString(NftUapi.NFTA_SET_ELEM_LIST_SET, set);
            _request.End();
            _socket.Ask(_request, sequence, WhatRead, message => AddElements(reach, set, type, message));
        }

        return reach;
    }

    private static void AddElements(NftReach reach, string set, uint type, NetlinkMessage message)
    {
        if (!message.NetfilterAttributes.TryFind(NftUapi.NFTA_SET_ELEM_LIST_ELEMENTS, out ReadOnlySpan<byte> list))
        {
            return;
        }

        NetlinkAttributes elements = new(list);
        while (elements.MoveNext())
        {
            if (elements.Nested.TryFind(NftUapi.NFTA_SET_ELEM_KEY, out ReadOnlySpan<byte> data) && new NetlinkAttributes(data).TryFind(NftUapi.NFTA_DATA_VALUE, out ReadOnlySpan<byte> key))
            {
                reach.Add(set, type, key);
            }
        }
    }
}
