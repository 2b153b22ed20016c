// rtnetlink(7): routes, neighbors and links, and what the kernel tells of their changes. The kernel keeps the neighbors: what it does not know yet, or has not
// heard of for a while, it finds out when it sends something there itself.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Tun;

/// <summary>
/// Next hops and link addresses by destination, asked of the kernel and remembered until it tells of a change. One thread uses it; nothing is allocated for an
/// answer that is remembered.
/// </summary>
internal sealed class NextHops : IDisposable
{
    private const int EthernetAddressLength = 6;

    // more are forgotten and asked for again
    private const int Capacity = 65536;

    private readonly Dictionary<(IpAddressBits Source, IpAddressBits Destination), NextHop> _known = [];

    // neighbors whose changes matter
    private readonly HashSet<(int Link, IpAddressBits Address)> _neighbors = [];
    private readonly NetlinkSocket _socket;
    private readonly NetlinkSocket _monitor;
    private readonly NetlinkBuffer _request = new();

    // segments come in bursts that go one way
    private (IpAddressBits Source, IpAddressBits Destination) _lastKey;
    private NextHop? _last;

    private NextHops(NetlinkSocket socket, NetlinkSocket monitor)
    {
        _socket = socket;
        _monitor = monitor;
    }

    /// <summary>Becomes readable when something changed: <see cref="Follow"/> then.</summary>
    public SafeDescriptor Changes => _monitor.Descriptor;

    /// <summary>Opens it in the network namespace that the calling thread is in.</summary>
    public static NextHops Open()
    {
        NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE);
        NetlinkSocket? monitor = null;
        try
        {
            monitor = NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE);
            foreach (int group in (ReadOnlySpan<int>)[
                RouteUapi.RTNLGRP_LINK, RouteUapi.RTNLGRP_NEIGH, RouteUapi.RTNLGRP_IPV4_IFADDR, RouteUapi.RTNLGRP_IPV4_ROUTE, RouteUapi.RTNLGRP_IPV4_RULE,
                RouteUapi.RTNLGRP_IPV6_IFADDR, RouteUapi.RTNLGRP_IPV6_ROUTE, RouteUapi.RTNLGRP_IPV6_RULE])
            {
                monitor.Join(group);
            }

            return new NextHops(socket, monitor);
        }
        catch
        {
            monitor?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes in what the kernel tells.</summary>
    public void Follow()
    {
        bool isChanged = false;
        while (true)
        {
            ReadOnlySpan<byte> datagram = _monitor.Receive(out int error, Libc.MSG_DONTWAIT);
            if (error == Errno.EAGAIN)
            {
                break;
            }

            // lost notices are changes too
            isChanged |= error != 0 || Matters(datagram);
            if (error is not (0 or Errno.ENOBUFS))
            {
                throw new LinuxException(error, "Could not receive notices of routes and neighbors.");
            }
        }

        if (isChanged)
        {
            _last = null;
            _known.Clear();
            _neighbors.Clear();
        }
    }

    /// <summary>Where a packet goes; one without a link and header where the kernel has to find the way itself.</summary>
    public NextHop Find(in IpAddressBits source, in IpAddressBits destination)
    {
        if (_last is not null && _lastKey.Source == source && _lastKey.Destination == destination)
        {
            return _last;
        }

        if (!_known.TryGetValue((source, destination), out NextHop? found))
        {
            if (_known.Count >= Capacity)
            {
                _known.Clear();
            }

            found = Ask(source, destination);
            _known[(source, destination)] = found;
        }

        if (source != default)
        {
            (_lastKey, _last) = ((source, destination), found);
        }

        return found;
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        _monitor.Dispose();
        _socket.Dispose();
    }

    private bool Matters(ReadOnlySpan<byte> datagram)
    {
        while (NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message))
        {
            if (message.Type is not (RouteUapi.RTM_NEWNEIGH or RouteUapi.RTM_DELNEIGH) || message.Body.Length < RouteUapi.NeighborLength)
            {
                return true;
            }

            // a busy network has many neighbors
            if (message.Attributes(RouteUapi.NeighborLength).TryFind(RouteUapi.NDA_DST, out ReadOnlySpan<byte> address)
                && address.Length is 4 or 16
                && _neighbors.Contains((MemoryMarshal.Read<int>(message.Body[4..]), IpAddressBits.FromBytes(address))))
            {
                return true;
            }
        }

        return false;
    }

    private NextHop Ask(IpAddressBits source, IpAddressBits destination)
    {
        try
        {
            (byte type, int link, IpAddressBits gateway) = AskRoute(source, destination);
            if (type != RouteUapi.RTN_UNICAST || link == 0)
            {
                return new NextHop { IsLocal = type == RouteUapi.RTN_LOCAL };
            }

            (int mtu, byte[]? own) = AskLink(link);
            if (own is null)
            {
                return new NextHop { Mtu = mtu };
            }

            _neighbors.Add((link, gateway));
            if (AskNeighbor(link, gateway) is not ({ } state, { } address))
            {
                return new NextHop { Mtu = mtu };
            }

            const int Valid = RouteUapi.NUD_REACHABLE | RouteUapi.NUD_STALE | RouteUapi.NUD_DELAY | RouteUapi.NUD_PROBE | RouteUapi.NUD_PERMANENT;
            return new NextHop
            {
                Link = link,
                Mtu = mtu,
                Header = (state & Valid) != 0 && address.Length == own.Length ? HeaderOf(address, own, destination.IsIPv4) : null,
                IsConfirmed = (state & (RouteUapi.NUD_REACHABLE | RouteUapi.NUD_PERMANENT)) != 0,
            };
        }
        catch (LinuxException)
        {
            // no route, a link that went: the kernel's own way says so when it is tried
            return new NextHop();
        }
    }

    private static byte[] HeaderOf(byte[] to, byte[] from, bool isIPv4)
    {
        byte[] header = new byte[NextHop.HeaderLength];
        to.CopyTo(header, 0);
        from.CopyTo(header, 6);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(12), isIPv4 ? (ushort)0x0800 : (ushort)0x86DD);
        return header;
    }

    private (byte Type, int Link, IpAddressBits Gateway) AskRoute(IpAddressBits source, IpAddressBits destination)
    {
        (byte Type, int Link, IpAddressBits Gateway) found = (0, 0, destination);
        uint sequence = Begin(RouteUapi.RTM_GETROUTE, RouteUapi.RouteLength, out Span<byte> header);
        byte bits = destination.IsIPv4 ? (byte)32 : (byte)128;
        header[0] = Family(destination);
        header[1] = bits;
        header[2] = source == default ? (byte)0 : bits;
        _request.Put(RouteUapi.RTA_DST, Bytes(destination));
        if (source != default)
        {
            _request.Put(RouteUapi.RTA_SRC, Bytes(source));
        }

        _request.End();
        _socket.Ask(_request, sequence, "There is no route.", message =>
        {
            NetlinkAttributes attributes = message.Attributes(RouteUapi.RouteLength);
            found.Type = message.Body[7];
            found.Link = attributes.TryFind(RouteUapi.RTA_OIF, out ReadOnlySpan<byte> link) ? MemoryMarshal.Read<int>(link) : 0;
            if (attributes.TryFind(RouteUapi.RTA_GATEWAY, out ReadOnlySpan<byte> gateway))
            {
                found.Gateway = IpAddressBits.FromBytes(gateway);
            }
            else if (attributes.TryFind(RouteUapi.RTA_VIA, out ReadOnlySpan<byte> via))
            {
                // struct rtvia: the family, then an address of it
                found.Gateway = IpAddressBits.FromBytes(via[2..]);
            }
        });
        return found;
    }

    /// <summary>What the kernel knows of a neighbor; null where it has none of that address.</summary>
    private (ushort State, byte[] Address)? AskNeighbor(int link, IpAddressBits address)
    {
        (ushort State, byte[] Address)? found = null;
        uint sequence = Begin(RouteUapi.RTM_GETNEIGH, RouteUapi.NeighborLength, out Span<byte> header);
        header[0] = Family(address);
        MemoryMarshal.Write(header[4..], link);
        _request.Put(RouteUapi.NDA_DST, Bytes(address));
        _request.End();
        try
        {
            _socket.Ask(_request, sequence, "There is no such neighbor.", message =>
            {
                ushort state = MemoryMarshal.Read<ushort>(message.Body[8..]);
                found = (state, message.Attributes(RouteUapi.NeighborLength).TryFind(RouteUapi.NDA_LLADDR, out ReadOnlySpan<byte> own) ? own.ToArray() : []);
            });
        }
        catch (LinuxException error) when (error.Errno == Errno.ENOENT)
        {
            return null;
        }

        return found;
    }

    /// <summary>MTU of a link, and its address where it is an Ethernet.</summary>
    private (int Mtu, byte[]? Address) AskLink(int link)
    {
        (int Mtu, byte[]? Address) found = default;
        uint sequence = Begin(RouteUapi.RTM_GETLINK, RouteUapi.LinkLength, out Span<byte> header);
        MemoryMarshal.Write(header[4..], link);
        _request.End();
        _socket.Ask(_request, sequence, "There is no such network interface.", message =>
        {
            NetlinkAttributes attributes = message.Attributes(RouteUapi.LinkLength);
            bool isEthernet = MemoryMarshal.Read<ushort>(message.Body[2..]) == Libc.ARPHRD_ETHER;
            found.Mtu = attributes.TryFind(RouteUapi.IFLA_MTU, out ReadOnlySpan<byte> mtu) ? MemoryMarshal.Read<int>(mtu) : 0;
            found.Address = isEthernet && attributes.TryFind(RouteUapi.IFLA_ADDRESS, out ReadOnlySpan<byte> own) && own.Length == EthernetAddressLength ? own.ToArray() : null;
        });
        return found;
    }

    private uint Begin(ushort type, int headerLength, out Span<byte> header)
    {
        uint sequence = _socket.NextSequence();
        _request.Clear();
        _request.Begin(type, NetlinkUapi.NLM_F_REQUEST | NetlinkUapi.NLM_F_ACK, sequence);
        header = _request.Append(headerLength);
        return sequence;
    }

    private static byte Family(IpAddressBits address) => (byte)(address.IsIPv4 ? Libc.AF_INET : Libc.AF_INET6);

    private static byte[] Bytes(IpAddressBits address) => address.ToIPAddress().GetAddressBytes();
}
