// socket(7), tcp(7): what a socket says of itself.
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Namespaces;
using TcpAo.Uapi;

namespace TcpAo.Linux.Seccomp;

/// <summary>The socket that a stopped call is on: a copy of the program's descriptor, open until the call is answered.</summary>
public sealed class TargetSocket
{
    // struct tcp_info begins with the state
    private const int TCP_INFO = 11;
    private const int TCP_REPAIR_QUEUE = 20;
    private const int TCP_QUEUE_SEQ = 21;
    private const int TCP_RECV_QUEUE = 1;
    private const int TCP_SEND_QUEUE = 2;
    private const int PF_INET = 2;
    private const int PF_INET6 = 10;
    private const int SOCK_STREAM = 1;
    private const int SO_BINDTOIFINDEX = 62;
    private const int MaxKinds = 4096;

    // by cookie: what never changes
    private readonly Dictionary<ulong, Kind> _kinds = [];
    private int _descriptor = -1;

    internal TargetSocket()
    {
    }

    /// <summary>A number that no other socket of the running kernel has had: SO_COOKIE, and <see cref="TcpSocket.Cookie"/> of the same socket.</summary>
    public ulong Cookie { get; private set; }

    /// <summary>A number that no other network namespace of the running kernel has had: SO_NETNS_COOKIE; 0 before Linux 5.14.</summary>
    public ulong NamespaceCookie { get; private set; }

    /// <summary>The address family: <see cref="AddressFamily.InterNetwork"/>, <see cref="AddressFamily.InterNetworkV6"/>, or unspecified for all others.</summary>
    public AddressFamily Family { get; private set; }

    /// <summary>Whether it is a TCP socket over IPv4 or IPv6; Multipath TCP is another protocol.</summary>
    public bool IsTcp { get; private set; }

    /// <summary>Its state, asked of the kernel now.</summary>
    public unsafe TcpState ReadState()
    {
        byte state = 0;
        uint length = 1;
        return Libc.GetOption(_descriptor, Libc.SOL_TCP, TCP_INFO, &state, ref length) == 0 && length == 1 ? (TcpState)state : TcpState.Closed;
    }

    /// <summary>Index of the device that it is bound to (SO_BINDTODEVICE), 0 for none.</summary>
    public int ReadBoundDevice() => ReadOption(Libc.SOL_SOCKET, SO_BINDTOIFINDEX, out int device) == 0 ? device : 0;

    /// <summary>Asks for an option of the real socket that is an int, such as TCP_REPAIR.</summary>
    /// <param name="level">The level, as socket(7) numbers it.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">Its value.</param>
    /// <returns>0, or why not, as errno(3) numbers it.</returns>
    public unsafe int ReadOption(int level, int name, out int value)
    {
        int read = 0;
        uint length = sizeof(int);
        int error = Libc.GetOption(_descriptor, level, name, &read, ref length);
        value = read;
        return -error;
    }

    /// <summary>Sets an option of the real socket, with the answer that the program would get.</summary>
    /// <param name="level">The level, as socket(7) numbers it.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">Its value.</param>
    /// <returns>0, or why not, as errno(3) numbers it.</returns>
    public unsafe int SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
        {
            return -Libc.SetOption(_descriptor, level, name, bytes, (uint)value.Length);
        }
    }

    /// <summary>Its own address and port; zeros where it has none yet.</summary>
    public SockAddr ReadLocal() => ReadName(ofPeer: false) ?? default;

    /// <summary>Its peer's address and port; null while it is not connected, and in SYN-SENT.</summary>
    public SockAddr? ReadPeer() => ReadName(ofPeer: true);

    /// <summary>The sequence numbers of the next bytes, of a socket in repair mode (TCP_REPAIR): those that it sends and those that it receives.</summary>
    public (uint Send, uint Receive) ReadSequences()
    {
        _ = ReadOption(Libc.SOL_TCP, TCP_REPAIR_QUEUE, out int chosen);
        (uint, uint) both = (ReadSequence(TCP_SEND_QUEUE), ReadSequence(TCP_RECV_QUEUE));
        _ = SetOption(Libc.SOL_TCP, TCP_REPAIR_QUEUE, MemoryMarshal.AsBytes([chosen]));
        return both;
    }

    /// <summary>Has the kernel choose a port for a socket that has none, as listen(2) would.</summary>
    /// <returns>0, or why not, as errno(3) numbers it.</returns>
    public unsafe int BindToAnyPort()
    {
        Span<byte> address = stackalloc byte[SockAddr.StorageSize];
        new SockAddr(Family == AddressFamily.InterNetwork ? SocketFamily.Inet : SocketFamily.Inet6, default, 0).Write(address);
        fixed (byte* bytes = address)
        {
            return -Libc.BindName(_descriptor, bytes, Family == AddressFamily.InterNetwork ? 16u : 28u);
        }
    }

    /// <summary>Opens the namespace that the socket belongs to, which need not be that of the program.</summary>
    /// <exception cref="LinuxException">CAP_NET_ADMIN in the namespace is missing.</exception>
    public unsafe NetworkNamespace OpenNamespace()
    {
        int descriptor = Libc.Control(_descriptor, Libc.SIOCGSKNS, null);
        return descriptor >= 0
            ? NetworkNamespace.Of(new SafeDescriptor(descriptor))
            : throw new LinuxException(-descriptor, "Could not open the network namespace of a socket; CAP_NET_ADMIN in it is needed.");
    }

    /// <summary>Takes a descriptor over.</summary>
    /// <returns>False when it is no socket; it is closed then.</returns>
    internal unsafe bool TryOpen(int descriptor)
    {
        _descriptor = descriptor;
        ulong cookie = 0;
        uint length = sizeof(ulong);
        if (Libc.GetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_COOKIE, &cookie, ref length) < 0)
        {
            Close();
            return false;
        }

        Cookie = cookie;
        if (!_kinds.TryGetValue(cookie, out Kind kind))
        {
            kind = new Kind(ReadNamespaceCookie(), ReadFamily(), ReadIsTcpStream());
            if (_kinds.Count >= MaxKinds)
            {
                _kinds.Clear();
            }

            _kinds.Add(cookie, kind);
        }
        else if (kind.Family == AddressFamily.InterNetworkV6)
        {
            // IPV6_ADDRFORM makes it one of IPv4
            kind = kind with { Family = ReadFamily() };
        }

        NamespaceCookie = kind.NamespaceCookie;
        Family = kind.Family;
        IsTcp = Family is not AddressFamily.Unspecified && kind.IsTcpStream;
        return true;
    }

    private unsafe ulong ReadNamespaceCookie()
    {
        ulong space = 0;
        uint length = sizeof(ulong);
        return Libc.GetOption(_descriptor, Libc.SOL_SOCKET, Libc.SO_NETNS_COOKIE, &space, ref length) == 0 ? space : 0;
    }

    private AddressFamily ReadFamily()
    {
        _ = ReadOption(Libc.SOL_SOCKET, Libc.SO_DOMAIN, out int domain);
        return domain switch
        {
            PF_INET => AddressFamily.InterNetwork,
            PF_INET6 => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
    }

    /// <summary>A raw socket can have TCP's number too.</summary>
    private bool ReadIsTcpStream() =>
        ReadOption(Libc.SOL_SOCKET, Libc.SO_PROTOCOL, out int protocol) == 0 && protocol == (int)ProtocolType.Tcp
        && ReadOption(Libc.SOL_SOCKET, Libc.SO_TYPE, out int type) == 0 && type == SOCK_STREAM;

    private uint ReadSequence(int queue)
    {
        _ = SetOption(Libc.SOL_TCP, TCP_REPAIR_QUEUE, MemoryMarshal.AsBytes([queue]));
        _ = ReadOption(Libc.SOL_TCP, TCP_QUEUE_SEQ, out int sequence);
        return (uint)sequence;
    }

    private unsafe SockAddr? ReadName(bool ofPeer)
    {
        Span<byte> address = stackalloc byte[SockAddr.StorageSize];
        fixed (byte* bytes = address)
        {
            uint length = (uint)address.Length;
            return Libc.GetName(_descriptor, ofPeer, bytes, ref length) == 0 && SockAddr.TryRead(address[..(int)Math.Min(length, (uint)address.Length)], out SockAddr read) ? read : null;
        }
    }

    internal void Close()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = -1;
        }
    }

    private readonly record struct Kind(ulong NamespaceCookie, AddressFamily Family, bool IsTcpStream);
}
