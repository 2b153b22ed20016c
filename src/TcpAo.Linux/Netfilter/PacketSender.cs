// raw(7), socket(7), ipv6(7): whole IP packets from a program, on the way of any packet of this host: output, routing, postrouting.
using System.Runtime.CompilerServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Netfilter;

/// <summary>
/// Sends IP packets of our own making in the network namespace that the thread was in when it opened this. They meet the rules of <see cref="NftRuleset"/> like
/// those of any program: what is protected is queued, and dropped while nobody runs. One thread at a time uses it.
/// </summary>
public sealed unsafe class PacketSender : IDisposable
{
    private const int IPPROTO_RAW = 255;
    private const int SO_MARK = 36;
    private const int SO_BINDTOIFINDEX = 62;
    private const string What = "Could not open a raw socket; CAP_NET_RAW is needed.";

    private readonly Way _v4;
    private readonly Way _v6;

    private PacketSender()
    {
        _v4 = new Way(Libc.AF_INET);
        try
        {
            _v6 = new Way(Libc.AF_INET6);
        }
        catch
        {
            _v4.Dispose();
            throw;
        }
    }

    /// <summary>Opens the sockets.</summary>
    /// <exception cref="LinuxException">CAP_NET_RAW is missing.</exception>
    public static PacketSender Open() => new();

    /// <summary>Sends a packet with final checksums; it does not wait.</summary>
    /// <param name="packet">The packet from its IP header on.</param>
    /// <param name="link">Index of the interface that it leaves by, 0 for any.</param>
    /// <param name="mark">Its firewall mark.</param>
    /// <returns>False when the kernel did not take it, as when the network is congested.</returns>
    public bool TrySend(ReadOnlySpan<byte> packet, int link, uint mark)
    {
        bool isIPv6 = packet[0] >> 4 == 6;
        Way way = isIPv6 ? _v6 : _v4;
        if (!way.Prepare(link, mark))
        {
            return false;
        }

        // sockaddr_in and sockaddr_in6, the port zero
        byte* address = stackalloc byte[28];
        Unsafe.InitBlock(address, 0, 28);
        if (isIPv6)
        {
            *(ushort*)address = Libc.AF_INET6;
            packet.Slice(24, 16).CopyTo(new Span<byte>(address + 8, 16));
            *(int*)(address + 24) = link;
        }
        else
        {
            *(ushort*)address = Libc.AF_INET;
            packet.Slice(16, 4).CopyTo(new Span<byte>(address + 4, 4));
        }

        fixed (byte* bytes = packet)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)packet.Length };
            var message = new MessageHeader { Name = address, NameLength = isIPv6 ? 28u : 16u, Vectors = &vector, VectorCount = 1 };
            return Libc.SendMessage(way.Socket, &message, Libc.MSG_DONTWAIT) == packet.Length;
        }
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        _v4.Dispose();
        _v6.Dispose();
    }

    /// <summary>One family's socket, and what its packets leave with.</summary>
    private sealed class Way(int family) : IDisposable
    {
        private int _link;
        private uint _mark;

        public SafeDescriptor Socket { get; } = Libc.Socket(family, Libc.SOCK_RAW, IPPROTO_RAW, What);

        public void Dispose() => Socket.Dispose();

        public bool Prepare(int link, uint mark)
        {
            if (link != _link)
            {
                if (Libc.SetOption(Socket, Libc.SOL_SOCKET, SO_BINDTOIFINDEX, link) != 0)
                {
                    return false;
                }

                _link = link;
            }

            if (mark != _mark)
            {
                if (Libc.SetOption(Socket, Libc.SOL_SOCKET, SO_MARK, (int)mark) != 0)
                {
                    return false;
                }

                _mark = mark;
            }

            return true;
        }
    }
}
