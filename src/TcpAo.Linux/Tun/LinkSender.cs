// packet(7) with PACKET_QDISC_BYPASS: straight to the driver, past routing, netfilter, queueing disciplines and the host's own packet captures. Where the next
// hop is not known the kernel's way is taken (raw(7)), with a mark by which our rules know the packet; it finds the neighbor meanwhile.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Linux.Tun;

/// <summary>Sends signed segments out of one buffer, many in a call. One thread uses it; nothing is allocated for a segment.</summary>
/// <remarks>Needs CAP_NET_RAW and, for marks, CAP_NET_ADMIN.</remarks>
public sealed unsafe class LinkSender : IDisposable
{
    private const int SendBufferBytes = 4 * 1024 * 1024;

    // a link that has no room for so long is taken for full
    private const int LongestSend = 20;

    // how often the kernel sends one itself to a neighbor that it has not heard of for a while
    private const long AskEvery = 1000;

    private readonly SafeDescriptor _descriptor;
    private readonly PacketSender _routed;
    private readonly uint _mark;
    private readonly byte[] _buffer;
    private readonly byte[] _headers;
    private readonly MultiMessageHeader[] _messages;
    private readonly IoVector[] _vectors;
    private readonly PacketAddress[] _addresses;
    private int _count;

    private LinkSender(SafeDescriptor descriptor, PacketSender routed, NextHops hops, byte[] buffer, int capacity, uint mark)
    {
        _descriptor = descriptor;
        _routed = routed;
        Hops = hops;
        _buffer = buffer;
        _mark = mark;
        _headers = GC.AllocateArray<byte>(NextHop.HeaderLength * capacity, pinned: true);
        _messages = GC.AllocateArray<MultiMessageHeader>(capacity, pinned: true);
        _vectors = GC.AllocateArray<IoVector>(2 * capacity, pinned: true);
        _addresses = GC.AllocateArray<PacketAddress>(capacity, pinned: true);
        for (int i = 0; i < capacity; i++)
        {
            _vectors[2 * i] = new IoVector { Base = Unsafe.AsPointer(ref _headers[i * NextHop.HeaderLength]), Length = NextHop.HeaderLength };
            _addresses[i] = new PacketAddress { Family = Libc.AF_PACKET, AddressLength = 6 };
            _messages[i].Header.Name = Unsafe.AsPointer(ref _addresses[i]);
            _messages[i].Header.NameLength = (uint)sizeof(PacketAddress);
            _messages[i].Header.Vectors = (IoVector*)Unsafe.AsPointer(ref _vectors[2 * i]);
            _messages[i].Header.VectorCount = 2;
        }
    }

    /// <summary>Segments that went to the driver.</summary>
    public long Direct { get; private set; }

    /// <summary>Segments that went the kernel's way.</summary>
    public long Routed { get; private set; }

    /// <summary>Segments that neither took.</summary>
    public long Lost { get; private set; }

    internal NextHops Hops { get; }

    /// <summary>Opens the sockets in the network namespace that the calling thread is in.</summary>
    /// <param name="buffer">The buffer that the segments lie in; pinned.</param>
    /// <param name="capacity">Segments in a call at most.</param>
    /// <param name="mark">Firewall mark of what goes the kernel's way.</param>
    /// <exception cref="LinuxException">CAP_NET_RAW is missing.</exception>
    public static LinkSender Open(byte[] buffer, int capacity, uint mark)
    {
        SafeDescriptor descriptor = Libc.Socket(Libc.AF_PACKET, Libc.SOCK_RAW, 0, "Could not open a packet socket; CAP_NET_RAW is needed.");
        PacketSender? routed = null;
        NextHops? hops = null;
        try
        {
            if (Libc.SetOption(descriptor, Libc.SOL_PACKET, Libc.PACKET_QDISC_BYPASS, 1) < 0)
            {
                throw LinuxException.Last("Could not have a packet socket pass the queueing disciplines by.");
            }

            if (Libc.SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, SendBufferBytes) < 0)
            {
                Libc.SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_SNDBUF, SendBufferBytes);
            }

            if (Libc.SetSendTimeout(descriptor, LongestSend) < 0)
            {
                throw LinuxException.Last("Could not set how long a packet socket waits.");
            }

            routed = PacketSender.Open();
            hops = NextHops.Open();
            return new LinkSender(descriptor, routed, hops, buffer, capacity, mark);
        }
        catch
        {
            hops?.Dispose();
            routed?.Dispose();
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Whether an address is one of this host.</summary>
    public bool IsLocal(in IpAddressBits address) => Hops.Find(default, address).IsLocal;

    /// <summary>MTU of the link that leads to an address, in bytes; 0 where it is not known.</summary>
    public int MtuTo(in IpAddressBits source, in IpAddressBits destination) => Hops.Find(source, destination).Mtu;

    /// <summary>Adds a segment to what <see cref="Flush"/> sends.</summary>
    /// <param name="offset">Where it lies in the buffer; it stays there until then.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="source">Its source.</param>
    /// <param name="destination">Its destination.</param>
    /// <param name="now">The time in monotonic milliseconds.</param>
    public void Add(int offset, int length, in IpAddressBits source, in IpAddressBits destination, long now)
    {
        NextHop hop = Hops.Find(source, destination);
        bool asks = !hop.IsConfirmed && now - AskEvery >= hop.AskedAt;
        if (hop.Header is not { } header || asks)
        {
            // not before those that are waiting
            Flush();
            hop.AskedAt = now;
            bool isSent = _routed.TrySend(_buffer.AsSpan(offset, length), 0, _mark);
            Routed += isSent ? 1 : 0;
            Lost += isSent ? 0 : 1;
            return;
        }

        if (_count == _messages.Length)
        {
            Flush();
        }

        header.CopyTo(_headers.AsSpan(_count * NextHop.HeaderLength));
        _vectors[(2 * _count) + 1] = new IoVector { Base = Unsafe.AsPointer(ref _buffer[offset]), Length = (nuint)length };
        _addresses[_count].InterfaceIndex = hop.Link;
        _addresses[_count].Protocol = MemoryMarshal.Read<ushort>(header.AsSpan(12));
        _count++;
    }

    /// <summary>Sends what was added. What a link does not take is lost, as on a link.</summary>
    public void Flush()
    {
        fixed (MultiMessageHeader* messages = _messages)
        {
            for (int done = 0; done < _count;)
            {
                int sent = Libc.SendMessages(_descriptor, messages + done, _count - done, 0);
                Direct += Math.Max(sent, 0);
                Lost += sent <= 0 ? 1 : 0;

                // the first one was refused: the others may do better
                done += Math.Max(sent, 1);
            }
        }

        _count = 0;
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        Hops.Dispose();
        _routed.Dispose();
        _descriptor.Dispose();
    }
}
