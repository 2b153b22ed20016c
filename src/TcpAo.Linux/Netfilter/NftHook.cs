using System.Buffers.Binary;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>A chain of nf_tables at a hook, whoever made it.</summary>
/// <param name="Family">NFPROTO_ of its table: 1 inet, 2 ip, 10 ip6, 5 netdev.</param>
/// <param name="Table">Name of the table.</param>
/// <param name="Chain">Name of the chain.</param>
/// <param name="Hook">NF_INET_: 0 prerouting, 4 postrouting.</param>
/// <param name="Priority">Chains of lower priority come first.</param>
public readonly record struct NftHook(byte Family, string Table, string Chain, uint Hook, int Priority)
{
    /// <summary>Whether packets meet the chain before ours on their way in, or after ours on their way out: it sees what TcpAo has not verified, or may change what is signed.</summary>
    public bool IsOutsideOurs => Family is NftUapi.NFPROTO_INET or NftUapi.NFPROTO_IPV4 or NftUapi.NFPROTO_IPV6
        && !string.Equals(Table, NftRuleset.TableName, StringComparison.Ordinal)
        && ((Hook == NftUapi.NF_INET_PRE_ROUTING && Priority < NftRuleset.InPriority) || (Hook == NftUapi.NF_INET_POST_ROUTING && Priority > NftRuleset.OutPriority));

    /// <summary>Whether packets of this host's TCP meet the chain, and it is not ours: with a TUN device they do so by that, or not at all.</summary>
    public bool MaySeeSegments => Family is NftUapi.NFPROTO_INET or NftUapi.NFPROTO_IPV4 or NftUapi.NFPROTO_IPV6 or NftUapi.NFPROTO_NETDEV
        && !Table.StartsWith(NftRuleset.TableName, StringComparison.Ordinal);

    /// <summary>Reads all chains at hooks of the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing, or the kernel has no nf_tables.</exception>
    public static IReadOnlyList<NftHook> ReadAll()
    {
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER);
        NetlinkBuffer request = new();
        uint sequence = socket.NextSequence();
        request.BeginNetfilter(
            NetlinkUapi.NFNL_SUBSYS_NFTABLES, NftUapi.NFT_MSG_GETCHAIN, NetlinkUapi.NLM_F_REQUEST | NetlinkUapi.NLM_F_DUMP, sequence, NftUapi.NFPROTO_UNSPEC, 0);
        request.End();
        List<NftHook> hooks = [];
        socket.Ask(request, sequence, "Could not read the chains of nf_tables.", message =>
        {
            NetlinkAttributes attributes = message.NetfilterAttributes;
            if (!attributes.TryFind(NftUapi.NFTA_CHAIN_HOOK, out ReadOnlySpan<byte> hook))
            {
                return;
            }

            NetlinkAttributes where = new(hook);
            bool isWhole = where.TryFind(NftUapi.NFTA_HOOK_HOOKNUM, out ReadOnlySpan<byte> number) & where.TryFind(NftUapi.NFTA_HOOK_PRIORITY, out ReadOnlySpan<byte> priority);
            if (isWhole && number.Length >= 4 && priority.Length >= 4)
            {
                hooks.Add(new NftHook(
                    message.Body[0],
                    attributes.FindText(NftUapi.NFTA_CHAIN_TABLE),
                    attributes.FindText(NftUapi.NFTA_CHAIN_NAME),
                    BinaryPrimitives.ReadUInt32BigEndian(number),
                    BinaryPrimitives.ReadInt32BigEndian(priority)));
            }
        });
        return hooks;
    }
}
