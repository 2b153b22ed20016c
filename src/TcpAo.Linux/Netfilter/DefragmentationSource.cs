namespace TcpAo.Linux.Netfilter;

/// <summary>What made the kernel put fragments together before the rules see them.</summary>
public enum DefragmentationSource
{
    /// <summary>Nothing: fragments of TCP between protected addresses are dropped, and an ICMP error in fragments is not seen.</summary>
    None,

    /// <summary>A <c>tproxy</c> expression that is never reached: it switches on nf_defrag and nothing else.</summary>
    Tproxy,

    /// <summary>A <c>ct</c> expression that is never reached: it switches on connection tracking too.</summary>
    ConnectionTracking,
}
