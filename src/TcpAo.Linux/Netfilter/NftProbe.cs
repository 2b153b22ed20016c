// What the kernel can do is asked by a transaction without its end, which the kernel checks and throws away (as `nft --check`
// does). The table has no base chain: a hook that came and went would drop every queued packet of the namespace
// (nf_queue_nf_hook_drop).
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>Finds out what the kernel's nf_tables can do.</summary>
internal sealed class NftProbe
{
    private const string Table = "tcpao-probe";
    private const string Chain = "probe";
    private const string What = "Could not ask nf_tables what it can do; CAP_NET_ADMIN and CONFIG_NF_TABLES_INET are needed.";

    private readonly NetlinkSocket _socket;

    public NftProbe(NetlinkSocket socket)
    {
        _socket = socket;
    }

    public NftSupport Run()
    {
        Check(null);
        return new NftSupport
        {
            HasQueueExpression = Has(rule => rule.Queue(0)),
            HasQueueTarget = Has(rule => rule.QueueTarget(0)),
            HasFib = Has(rule => rule.IsLocal(NftUapi.NFTA_FIB_F_DADDR, 0)),
            HasHash = Has(rule =>
            {
                rule.Network(0, 4, 0);
                rule.Hash(4, 2, 0, 1);
            }),
            HasInterfaceKind = Has(rule => rule.Meta(NftUapi.NFT_META_IIFKIND, 0)),
            HasSecurityPath = Has(rule => rule.Meta(NftUapi.NFT_META_SECPATH, 0)),
            HasRouteIpsec = Has(rule => rule.RouteIpsec(0)),
            HasPersistentOwner = TryCheck(null, NftUapi.NFT_TABLE_F_OWNER | NftUapi.NFT_TABLE_F_PERSIST, out _) == 0,
            Defragmentation = Has(rule => rule.Defragment(DefragmentationSource.Tproxy)) ? DefragmentationSource.Tproxy
                : Has(rule => rule.Defragment(DefragmentationSource.ConnectionTracking)) ? DefragmentationSource.ConnectionTracking
                : DefragmentationSource.None,
        };
    }

    private bool Has(RuleBody body) => TryCheck(body, 0, out _) == 0;

    private void Check(RuleBody? body)
    {
        int errno = TryCheck(body, 0, out string? kernelText);
        if (errno != 0)
        {
            throw NetlinkSocket.Refused(errno, What, kernelText);
        }
    }

    private int TryCheck(RuleBody? body, uint tableFlags, out string? kernelText)
    {
        NftBatch batch = new(_socket, Table);
        batch.Begin(null);
        batch.NewTable(tableFlags);
        batch.NewChain(Chain);
        if (body is not null)
        {
            NftRuleWriter rule = batch.BeginRule(Chain);
            body(rule);
            batch.EndRule(rule);
        }

        batch.Buffer.RequestAck();
        return _socket.TryTransact(batch.Buffer, batch.LastSequence, What, out kernelText);
    }

    private delegate void RuleBody(NftRuleWriter rule);
}
