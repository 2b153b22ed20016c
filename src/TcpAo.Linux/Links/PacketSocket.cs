// packet(7): whole Ethernet frames of one interface, in and out.
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Namespaces;
using TcpAo.Wire;

namespace TcpAo.Linux.Links;

/// <summary>
/// All frames that arrive at one interface, and frames to send there. Checksums that the sender left to its hardware are finished. Several threads may send.
/// </summary>
/// <remarks>Needs CAP_NET_RAW.</remarks>
public sealed unsafe class PacketSocket : IDisposable
{
    private const int BufferBytes = 16 * 1024 * 1024;

    private readonly SafeDescriptor _descriptor;

    private PacketSocket(SafeDescriptor descriptor)
    {
        _descriptor = descriptor;
    }

    internal SafeDescriptor Descriptor => _descriptor;

    /// <summary>Opens an interface of the network namespace that the calling thread is in.</summary>
    /// <exception cref="LinuxException">CAP_NET_RAW is missing, or there is no such interface.</exception>
    public static PacketSocket Open(string link)
    {
        int index = 0;
        RouteSocket.Use(route => index = route.IndexOf(link));

        // no protocol until it is bound: else it would take frames of all interfaces meanwhile
        SafeDescriptor descriptor = Libc.Socket(Libc.AF_PACKET, Libc.SOCK_RAW, 0, "Could not open a packet socket; CAP_NET_RAW is needed.");
        try
        {
            var address = new PacketAddress { Family = Libc.AF_PACKET, Protocol = Libc.AllProtocols, InterfaceIndex = index };
            if (Libc.SetOption(descriptor, Libc.SOL_PACKET, Libc.PACKET_VNET_HDR, 1) < 0
                || Libc.SetOption(descriptor, Libc.SOL_PACKET, Libc.PACKET_IGNORE_OUTGOING, 1) < 0
                || Libc.Bind(descriptor, &address) < 0)
            {
                throw LinuxException.Last($"Could not open the interface {link} for whole frames.");
            }

            // more than the system's limit is for root of the first user namespace alone; others get what they may
            if (Libc.SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, BufferBytes) < 0)
            {
                Libc.SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUF, BufferBytes);
            }

            return new PacketSocket(descriptor);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Takes a frame that waits.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <returns>Its length; 0 when none waits, -1 for one that was skipped: it is longer than the buffer, or stands for several (GSO).</returns>
    public int TryReceive(Span<byte> buffer)
    {
        VirtioHeader header;
        nint received;
        fixed (byte* frame = buffer)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = &header, Length = (nuint)sizeof(VirtioHeader) };
            vectors[1] = new IoVector { Base = frame, Length = (nuint)buffer.Length };
            var message = new MessageHeader { Vectors = vectors, VectorCount = 2 };
            received = Libc.ReceiveMessage(_descriptor, &message, Libc.MSG_DONTWAIT | Libc.MSG_TRUNC);
        }

        if (received < 0)
        {
            // whatever else is wrong, such as an interface that is down, passes or shows at the next frame
            return 0;
        }

        int length = (int)received - sizeof(VirtioHeader);
        if (length <= 0 || length > buffer.Length || header.GsoType != VirtioHeader.VIRTIO_NET_HDR_GSO_NONE)
        {
            return -1;
        }

        if ((header.Flags & VirtioHeader.VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        {
            FinishChecksum(buffer[..length], header.ChecksumStart, header.ChecksumOffset);
        }

        return length;
    }

    /// <summary>Sends a frame as it is.</summary>
    /// <returns>False when the interface does not take it: it is down, its queue is full, or the frame is too long.</returns>
    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        VirtioHeader header = default;
        fixed (byte* bytes = frame)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = &header, Length = (nuint)sizeof(VirtioHeader) };
            vectors[1] = new IoVector { Base = bytes, Length = (nuint)frame.Length };
            var message = new MessageHeader { Vectors = vectors, VectorCount = 2 };
            return Libc.SendMessage(_descriptor, &message, 0) >= 0;
        }
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _descriptor.Dispose();

    /// <summary>The field holds the sum of the pseudo-header; the checksum goes over it and all that follows its start.</summary>
    private static void FinishChecksum(Span<byte> frame, int start, int offset)
    {
        if (start + offset + 2 <= frame.Length)
        {
            ushort checksum = InternetChecksum.Compute(frame[start..]);

            // UDP's zero means "none"; TCP does not mind
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(frame[(start + offset)..], checksum == 0 ? (ushort)0xFFFF : checksum);
        }
    }
}
