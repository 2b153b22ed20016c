using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct virtio_net_hdr of linux/virtio_net.h: what offload has left undone in a frame.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2, Size = 10)]
internal struct VirtioHeader
{
    public const byte VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
    public const byte VIRTIO_NET_HDR_GSO_NONE = 0;
    public const byte VIRTIO_NET_HDR_GSO_TCPV4 = 1;
    public const byte VIRTIO_NET_HDR_GSO_TCPV6 = 4;

    public byte Flags;
    public byte GsoType;
    public ushort HeaderLength;
    public ushort GsoSize;
    public ushort ChecksumStart;
    public ushort ChecksumOffset;
}
