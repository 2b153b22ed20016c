// packet(7). All protocols: only such a socket sees what a netfilter rule drops afterwards. One socket for all links: those that come later are there at once.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TcpAo.Keys;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Tun;

/// <summary>
/// Copies of the TCP segments that arrive by Ethernet from some addresses, as they come off the link: before netfilter, where rules drop the originals. One thread
/// uses it; nothing is allocated for a segment.
/// </summary>
/// <remarks>Needs CAP_NET_RAW.</remarks>
public sealed unsafe class LinkReceiver : IDisposable
{
    private const int EthernetLength = 14;
    private const int ReceiveBufferBytes = 16 * 1024 * 1024;

    // an odd number of cache lines, so that the begins of packets do not share a set
    private const int SlotLength = 1041 * 64;

    private readonly SafeDescriptor _descriptor;
    private readonly MultiMessageHeader[] _messages;
    private readonly IoVector[] _vectors;
    private readonly VirtioHeader[] _headers;
    private readonly PacketAddress[] _addresses;

    private LinkReceiver(SafeDescriptor descriptor, int capacity)
    {
        _descriptor = descriptor;
        Buffer = GC.AllocateUninitializedArray<byte>(SlotLength * capacity, pinned: true);
        _messages = GC.AllocateArray<MultiMessageHeader>(capacity, pinned: true);
        _vectors = GC.AllocateArray<IoVector>(2 * capacity, pinned: true);
        _headers = GC.AllocateArray<VirtioHeader>(capacity, pinned: true);
        _addresses = GC.AllocateArray<PacketAddress>(capacity, pinned: true);
        for (int i = 0; i < capacity; i++)
        {
            _vectors[2 * i] = new IoVector { Base = Unsafe.AsPointer(ref _headers[i]), Length = (nuint)sizeof(VirtioHeader) };
            _vectors[(2 * i) + 1] = new IoVector { Base = Unsafe.AsPointer(ref Buffer[i * SlotLength]), Length = SlotLength };
            _messages[i].Header.Name = Unsafe.AsPointer(ref _addresses[i]);
            _messages[i].Header.Vectors = (IoVector*)Unsafe.AsPointer(ref _vectors[2 * i]);
            _messages[i].Header.VectorCount = 2;
        }
    }

    /// <summary>The buffer that the segments lie in; pinned.</summary>
    public byte[] Buffer { get; }

    internal SafeDescriptor Descriptor => _descriptor;

    /// <summary>Opens the socket in the network namespace that the calling thread is in. Segments wait from then on.</summary>
    /// <param name="capacity">Segments at a time.</param>
    /// <param name="sources">Whose segments.</param>
    /// <exception cref="LinuxException">CAP_NET_RAW is missing.</exception>
    public static LinkReceiver Open(int capacity, IEnumerable<IpPrefix> sources)
    {
        // no protocol until it has its filter: else it would take everything meanwhile
        SafeDescriptor descriptor = Libc.Socket(Libc.AF_PACKET, Libc.SOCK_RAW, 0, "Could not open a packet socket; CAP_NET_RAW is needed.");
        try
        {
            var receiver = new LinkReceiver(descriptor, capacity);
            receiver.Use(sources);
            var address = new PacketAddress { Family = Libc.AF_PACKET, Protocol = Libc.AllProtocols };
            if (Libc.SetOption(descriptor, Libc.SOL_PACKET, Libc.PACKET_VNET_HDR, 1) < 0
                || Libc.SetOption(descriptor, Libc.SOL_PACKET, Libc.PACKET_IGNORE_OUTGOING, 1) < 0
                || Libc.Bind(descriptor, &address) < 0)
            {
                throw LinuxException.Last("Could not have a packet socket take segments.");
            }

            if (Libc.SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBufferBytes) < 0)
            {
                Libc.SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUF, ReceiveBufferBytes);
            }

            return receiver;
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Takes the segments of other addresses from now on.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Use(IEnumerable<IpPrefix> sources)
    {
        if (Libc.AttachFilter(_descriptor, SourceFilter.Write(sources)) < 0)
        {
            throw LinuxException.Last("Could not give a packet socket its filter.");
        }
    }

    /// <summary>Takes segments that wait.</summary>
    /// <returns>How many.</returns>
    public int Receive()
    {
        for (int i = 0; i < _messages.Length; i++)
        {
            _messages[i].Header.NameLength = (uint)sizeof(PacketAddress);
        }

        int received;
        fixed (MultiMessageHeader* messages = _messages)
        {
            received = Libc.ReceiveMessages(_descriptor, messages, _messages.Length, Libc.MSG_DONTWAIT);
        }

        if (received >= 0)
        {
            return received;
        }

        // a link that goes down, or notices that were lost: the next call tells more
        int errno = Marshal.GetLastPInvokeError();
        return errno is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENETDOWN ? 0 : throw new LinuxException(errno, "Could not receive from a packet socket.");
    }

    /// <summary>A segment of the last <see cref="Receive"/>.</summary>
    public ReceivedPacket this[int index]
    {
        get
        {
            ref readonly PacketAddress from = ref _addresses[index];
            int length = (int)_messages[index].Length - sizeof(VirtioHeader) - EthernetLength;
            bool isOurs = from.HardwareType == Libc.ARPHRD_ETHER && from.PacketType == Libc.PACKET_HOST && length > 0 && length <= SlotLength - EthernetLength;
            return new ReceivedPacket((index * SlotLength) + EthernetLength, isOurs ? length : 0, SlotLength - EthernetLength, from.InterfaceIndex);
        }
    }

    internal ref readonly VirtioHeader Offload(int index) => ref _headers[index];

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _descriptor.Dispose();
}
