namespace TcpAo.Linux.Netfilter;

/// <summary>How an <see cref="NfQueue"/> is bound (linux/netfilter/nfnetlink_queue.h).</summary>
public sealed record NfQueueOptions
{
    /// <summary>Packets that the kernel keeps before it drops (NFQA_CFG_QUEUE_MAXLEN); the kernel's own default is 1024.</summary>
    public int MaxLength { get; init; } = 8192;

    /// <summary>
    /// Bytes of the socket's receive buffer; beyond net.core.rmem_max with CAP_NET_ADMIN in the first user namespace only. A
    /// full-sized packet takes about 2.3 KB of it; memory is taken as packets arrive.
    /// </summary>
    public int ReceiveBufferBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Packets of one receive call, 1 to 256.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Bytes that a packet can grow by.</summary>
    public int GrowRoom { get; init; } = 256;
}
