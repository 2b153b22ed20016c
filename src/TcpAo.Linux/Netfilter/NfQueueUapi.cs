// Constants of linux/netfilter/nfnetlink_queue.h and linux/netfilter.h.
namespace TcpAo.Linux.Netfilter;

internal static class NfQueueUapi
{
    public const int NFQNL_MSG_PACKET = 0;
    public const int NFQNL_MSG_VERDICT = 1;
    public const int NFQNL_MSG_CONFIG = 2;
    public const int NFQNL_MSG_VERDICT_BATCH = 3;

    public const ushort NFQA_PACKET_HDR = 1;
    public const ushort NFQA_VERDICT_HDR = 2;
    public const ushort NFQA_MARK = 3;
    public const ushort NFQA_IFINDEX_INDEV = 5;
    public const ushort NFQA_IFINDEX_OUTDEV = 6;
    public const ushort NFQA_PAYLOAD = 10;
    public const ushort NFQA_CAP_LEN = 13;
    public const ushort NFQA_SKB_INFO = 14;

    public const ushort NFQA_CFG_CMD = 1;
    public const ushort NFQA_CFG_PARAMS = 2;
    public const ushort NFQA_CFG_QUEUE_MAXLEN = 3;
    public const ushort NFQA_CFG_MASK = 4;
    public const ushort NFQA_CFG_FLAGS = 5;

    public const byte NFQNL_CFG_CMD_BIND = 1;
    public const byte NFQNL_COPY_PACKET = 2;

    public const uint NFQA_CFG_F_FAIL_OPEN = 1;
    public const uint NFQA_CFG_F_CONNTRACK = 2;
    public const uint NFQA_CFG_F_GSO = 4;
    public const uint NFQA_CFG_F_UID_GID = 8;
    public const uint NFQA_CFG_F_SECCTX = 16;

    public const uint NFQA_SKB_CSUMNOTREADY = 1;
    public const uint NFQA_SKB_GSO = 2;

    public const uint NF_DROP = 0;
    public const uint NF_ACCEPT = 1;
}
