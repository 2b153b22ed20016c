// rtnetlink(7): what the lab and the tests need of links, addresses and routes.
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Namespaces;

/// <summary>Links, addresses and routes of the network namespace that the thread was in when it opened this. One thread at a time uses it.</summary>
public sealed partial class RouteSocket : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly NetlinkBuffer _request = new();

    private RouteSocket(NetlinkSocket socket)
    {
        _socket = socket;
    }

    /// <summary>Opens the socket.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE));

    /// <summary>Opens a socket for one action.</summary>
    public static void Use(Action<RouteSocket> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        using RouteSocket socket = Open();
        action(socket);
    }

    /// <summary>Index of a link.</summary>
    /// <exception cref="LinuxException">There is none of that name.</exception>
    public int IndexOf(string link)
    {
        int index = 0;
        uint sequence = Begin(RouteUapi.RTM_GETLINK, NetlinkUapi.NLM_F_ACK, RouteUapi.LinkLength, out _);
        _request.PutString(RouteUapi.IFLA_IFNAME, link);
        _request.End();
        _socket.Ask(_request, sequence, $"There is no network interface {link}.", message => index = MemoryMarshal.Read<int>(message.Body[4..]));
        return index;
    }

    /// <summary>The links that there are.</summary>
    public IReadOnlyList<NetworkLink> Links()
    {
        List<NetworkLink> links = [];
        uint sequence = Begin(RouteUapi.RTM_GETLINK, NetlinkUapi.NLM_F_DUMP, RouteUapi.LinkLength, out _);
        _request.End();
        _socket.Ask(_request, sequence, "Could not list the network interfaces.", message =>
        {
            if (message.Type != RouteUapi.RTM_NEWLINK)
            {
                return;
            }

            NetlinkAttributes attributes = message.Attributes(RouteUapi.LinkLength);
            string kind = attributes.TryFind(RouteUapi.IFLA_LINKINFO, out ReadOnlySpan<byte> info) ? new NetlinkAttributes(info).FindText(RouteUapi.IFLA_INFO_KIND) : "";
            int master = attributes.TryFind(RouteUapi.IFLA_MASTER, out ReadOnlySpan<byte> index) ? MemoryMarshal.Read<int>(index) : 0;
            links.Add(new NetworkLink(MemoryMarshal.Read<int>(message.Body[4..]), attributes.FindText(RouteUapi.IFLA_IFNAME), kind, master));
        });
        return links;
    }

    /// <summary>MTU of a link in bytes.</summary>
    /// <exception cref="LinuxException">There is no link of that index.</exception>
    public int MtuOf(int index)
    {
        int mtu = 0;
        uint sequence = Begin(RouteUapi.RTM_GETLINK, NetlinkUapi.NLM_F_ACK, RouteUapi.LinkLength, out Span<byte> header);
        MemoryMarshal.Write(header[4..], index);
        _request.End();
        _socket.Ask(_request, sequence, $"There is no network interface with the index {index}.", message =>
            mtu = message.Attributes(RouteUapi.LinkLength).TryFind(RouteUapi.IFLA_MTU, out ReadOnlySpan<byte> value) ? MemoryMarshal.Read<int>(value) : 0);
        return mtu;
    }

    /// <summary>Makes a pair of Ethernet interfaces that are wired to each other (veth(4)).</summary>
    /// <param name="name">The one in this namespace.</param>
    /// <param name="peerName">The other.</param>
    /// <param name="peerNamespace">Where the other goes; null for here.</param>
    public void AddVethPair(string name, string peerName, NetworkNamespace? peerNamespace = null)
    {
        uint sequence = Begin(RouteUapi.RTM_NEWLINK, Create, RouteUapi.LinkLength, out _);
        _request.PutString(RouteUapi.IFLA_IFNAME, name);
        int info = _request.BeginNested(RouteUapi.IFLA_LINKINFO);
        _request.PutString(RouteUapi.IFLA_INFO_KIND, "veth");
        int data = _request.BeginNested(RouteUapi.IFLA_INFO_DATA);
        int peer = _request.BeginNested(RouteUapi.VETH_INFO_PEER);
        _request.Append(RouteUapi.LinkLength);
        _request.PutString(RouteUapi.IFLA_IFNAME, peerName);
        bool isHeld = false;
        try
        {
            if (peerNamespace is not null)
            {
                peerNamespace.Descriptor.DangerousAddRef(ref isHeld);
                _request.PutU32(RouteUapi.IFLA_NET_NS_FD, (uint)peerNamespace.Descriptor.DangerousGetHandle());
            }

            _request.EndNested(peer);
            _request.EndNested(data);
            _request.EndNested(info);
            Transact(sequence, $"Could not make the veth pair {name} and {peerName}; CAP_NET_ADMIN and CONFIG_VETH are needed.");
        }
        finally
        {
            if (isHeld)
            {
                peerNamespace!.Descriptor.DangerousRelease();
            }
        }
    }

    /// <summary>Makes the device of a VRF (vrf.rst of the kernel's documentation).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="table">Number of its routing table.</param>
    public void AddVrf(string name, int table)
    {
        uint sequence = Begin(RouteUapi.RTM_NEWLINK, Create, RouteUapi.LinkLength, out _);
        _request.PutString(RouteUapi.IFLA_IFNAME, name);
        int info = _request.BeginNested(RouteUapi.IFLA_LINKINFO);
        _request.PutString(RouteUapi.IFLA_INFO_KIND, RouteUapi.VrfKind);
        int data = _request.BeginNested(RouteUapi.IFLA_INFO_DATA);
        _request.PutU32(RouteUapi.IFLA_VRF_TABLE, (uint)table);
        _request.EndNested(data);
        _request.EndNested(info);
        Transact(sequence, $"Could not make the VRF {name}; CAP_NET_ADMIN and CONFIG_NET_VRF are needed.");
    }

    /// <summary>Enslaves a link to another, such as the device of a VRF, or to none.</summary>
    public void SetMaster(string link, string? master) =>
        ChangeLink(RouteUapi.RTM_NEWLINK, link, 0, 0, RouteUapi.IFLA_MASTER, master is null ? 0 : (uint)IndexOf(master), "change the master of");

    /// <summary>Gives a link another name.</summary>
    public void Rename(string link, string name)
    {
        int index = IndexOf(link);
        uint sequence = Begin(RouteUapi.RTM_NEWLINK, NetlinkUapi.NLM_F_ACK, RouteUapi.LinkLength, out Span<byte> header);
        MemoryMarshal.Write(header[4..], index);
        _request.PutString(RouteUapi.IFLA_IFNAME, name);
        Transact(sequence, $"Could not rename the network interface {link}; CAP_NET_ADMIN is needed.");
    }

    /// <summary>Deletes a link; the other end of a veth pair goes with it.</summary>
    public void Delete(string link) => ChangeLink(RouteUapi.RTM_DELLINK, link, 0, 0, 0, 0, "delete");

    /// <summary>Sets a link up.</summary>
    public void SetUp(string link) => ChangeLink(RouteUapi.RTM_NEWLINK, link, RouteUapi.IFF_UP, RouteUapi.IFF_UP, 0, 0, "set up");

    /// <summary>Sets a link down.</summary>
    public void SetDown(string link) => ChangeLink(RouteUapi.RTM_NEWLINK, link, 0, RouteUapi.IFF_UP, 0, 0, "set down");

    /// <summary>Sets the MTU of a link.</summary>
    public void SetMtu(string link, int mtu) => ChangeLink(RouteUapi.RTM_NEWLINK, link, 0, 0, RouteUapi.IFLA_MTU, (uint)mtu, "set the MTU of");

    /// <summary>Adds an address with the route to its prefix; an IPv6 one is usable at once (no duplicate address detection).</summary>
    public void AddAddress(string link, IPAddress address, int prefixLength) => ChangeAddress(RouteUapi.RTM_NEWADDR, Create, link, address, prefixLength);

    /// <summary>Takes an address away.</summary>
    public void DeleteAddress(string link, IPAddress address, int prefixLength) => ChangeAddress(RouteUapi.RTM_DELADDR, 0, link, address, prefixLength);

    /// <summary>Adds a route.</summary>
    /// <param name="destination">First address of the prefix.</param>
    /// <param name="prefixLength">Its length; 0 is the default route.</param>
    /// <param name="gateway">The next hop; null when the destination is on the link.</param>
    /// <param name="link">The link; null where the gateway tells.</param>
    /// <param name="mtu">MTU of the path in bytes; 0 where it is not set.</param>
    /// <param name="isMtuLocked">Whether the kernel may not find out another one; packets may then be fragmented on the way.</param>
    public void AddRoute(IPAddress destination, int prefixLength, IPAddress? gateway, string? link, int mtu = 0, bool isMtuLocked = false)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int index = link is null ? 0 : IndexOf(link);
        uint sequence = Begin(RouteUapi.RTM_NEWROUTE, Create, RouteUapi.RouteLength, out Span<byte> header);
        header[0] = Family(destination);
        header[1] = (byte)prefixLength;
        header[4] = RouteUapi.RT_TABLE_MAIN;
        header[5] = RouteUapi.RTPROT_STATIC;
        header[6] = gateway is null ? RouteUapi.RT_SCOPE_LINK : RouteUapi.RT_SCOPE_UNIVERSE;
        header[7] = RouteUapi.RTN_UNICAST;
        if (prefixLength > 0)
        {
            _request.Put(RouteUapi.RTA_DST, destination.GetAddressBytes());
        }

        if (gateway is not null)
        {
            _request.Put(RouteUapi.RTA_GATEWAY, gateway.GetAddressBytes());
        }

        if (index != 0)
        {
            _request.PutU32(RouteUapi.RTA_OIF, (uint)index);
        }

        if (mtu != 0)
        {
            int metrics = _request.BeginNested(RouteUapi.RTA_METRICS);
            _request.PutU32(RouteUapi.RTAX_MTU, (uint)mtu);
            if (isMtuLocked)
            {
                _request.PutU32(RouteUapi.RTAX_LOCK, 1u << RouteUapi.RTAX_MTU);
            }

            _request.EndNested(metrics);
        }

        Transact(sequence, $"Could not add a route to {destination}/{prefixLength}.");
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private const int Create = NetlinkUapi.NLM_F_ACK | NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL;

    private static byte Family(IPAddress address) => (byte)(address.AddressFamily == AddressFamily.InterNetwork ? Libc.AF_INET : Libc.AF_INET6);

    private void ChangeLink(ushort type, string link, uint flags, uint change, ushort attribute, uint value, string verb)
    {
        int index = IndexOf(link);
        uint sequence = Begin(type, NetlinkUapi.NLM_F_ACK, RouteUapi.LinkLength, out Span<byte> header);
        MemoryMarshal.Write(header[4..], index);
        MemoryMarshal.Write(header[8..], flags);
        MemoryMarshal.Write(header[12..], change);
        if (attribute != 0)
        {
            _request.PutU32(attribute, value);
        }

        Transact(sequence, $"Could not {verb} the network interface {link}; CAP_NET_ADMIN is needed.");
    }

    private void ChangeAddress(ushort type, int flags, string link, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        int index = IndexOf(link);
        uint sequence = Begin(type, flags | NetlinkUapi.NLM_F_ACK, RouteUapi.AddressLength, out Span<byte> header);
        byte[] bytes = address.GetAddressBytes();
        header[0] = Family(address);
        header[1] = (byte)prefixLength;
        header[2] = bytes.Length == 16 ? RouteUapi.IFA_F_NODAD : (byte)0;
        MemoryMarshal.Write(header[4..], index);
        _request.Put(RouteUapi.IFA_LOCAL, bytes);
        _request.Put(RouteUapi.IFA_ADDRESS, bytes);
        Transact(sequence, $"Could not add or delete the address {address}/{prefixLength} of {link}.");
    }

    private uint Begin(ushort type, int flags, int headerLength, out Span<byte> header)
    {
        uint sequence = _socket.NextSequence();
        _request.Clear();
        _request.Begin(type, NetlinkUapi.NLM_F_REQUEST | flags, sequence);
        header = _request.Append(headerLength);
        return sequence;
    }

    private void Transact(uint sequence, string what)
    {
        _request.End();
        _socket.Transact(_request, sequence, what);
    }
}
