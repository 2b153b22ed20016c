namespace TcpAo.Linux.Netfilter;

/// <summary>What the kernel's nf_tables can do of what the rules use; found out by requests that are never committed.</summary>
public sealed record NftSupport
{
    /// <summary>The <c>queue</c> expression (CONFIG_NFT_QUEUE).</summary>
    public bool HasQueueExpression { get; init; }

    /// <summary>The xtables target NFQUEUE (CONFIG_NFT_COMPAT and CONFIG_NETFILTER_XT_TARGET_NFQUEUE).</summary>
    public bool HasQueueTarget { get; init; }

    /// <summary>The <c>fib</c> expression, which tells our addresses from others' (CONFIG_NFT_FIB_INET).</summary>
    public bool HasFib { get; init; }

    /// <summary>The <c>hash</c> expression, which spreads connections over queues (CONFIG_NFT_HASH).</summary>
    public bool HasHash { get; init; }

    /// <summary>The kind of an interface, which tells devices of VRFs (Linux 5.0).</summary>
    public bool HasInterfaceKind { get; init; }

    /// <summary>Whether a packet came out of IPsec; a kernel without it has none (CONFIG_XFRM).</summary>
    public bool HasSecurityPath { get; init; }

    /// <summary>Whether a packet's way leads through IPsec (Linux 4.20).</summary>
    public bool HasRouteIpsec { get; init; }

    /// <summary>Tables that belong to a process and outlive it (NFT_TABLE_F_OWNER and NFT_TABLE_F_PERSIST, Linux 6.9).</summary>
    public bool HasPersistentOwner { get; init; }

    /// <summary>How fragments are put together.</summary>
    public DefragmentationSource Defragmentation { get; init; }

    /// <summary>Whether packets can be queued at all.</summary>
    public bool CanQueue => HasQueueExpression || HasQueueTarget;
}
