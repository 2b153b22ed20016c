// sock_diag(7) for TCP: all sockets, one socket by its two ends, and the end of one. Filters by byte code and the extensions
// (memory, congestion control) are left out.
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;
using TcpAo.Uapi;

namespace TcpAo.Linux.Diagnostics;

/// <summary>
/// Asks the kernel for the TCP sockets of the network namespace that the thread was in when it opened this, whoever they belong to.
/// One thread at a time uses it.
/// </summary>
/// <example>
/// <code>
/// using SockDiag diag = SockDiag.Open();
/// ulong? cookie = diag.Find(pair)?.Cookie;
/// </code>
/// </example>
public sealed class SockDiag : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly NetlinkBuffer _request = new(128);

    private SockDiag(NetlinkSocket socket)
    {
        _socket = socket;
    }

    /// <summary>Opens the socket. No privilege is needed, but for <see cref="Destroy"/>.</summary>
    /// <exception cref="LinuxException">The kernel lacks CONFIG_INET_DIAG or CONFIG_INET_TCP_DIAG.</exception>
    public static SockDiag Open()
    {
        SockDiag diag = new(NetlinkSocket.Open(NetlinkUapi.NETLINK_SOCK_DIAG));
        try
        {
            // a lookup says ENOENT both without a socket and without the kernel's part: ask once for sockets in no state
            diag.Dump(Libc.AF_INET, 0, "The kernel does not tell of TCP sockets; CONFIG_INET_DIAG and CONFIG_INET_TCP_DIAG (modules inet_diag and tcp_diag) are needed.", static _ => { });
            return diag;
        }
        catch
        {
            diag.Dispose();
            throw;
        }
    }

    /// <summary>Lists the sockets, IPv4 and IPv6, each once.</summary>
    /// <param name="states">Only those in these states; none stands for all.</param>
    /// <remarks>
    /// The kernel takes no snapshot. A socket that opens, closes or changes its state meanwhile may be missing, and with many of
    /// them, rarely, its neighbour too: ask <see cref="Find"/> before you take one to be gone. A socket that is bound
    /// only, or that its process holds after the connection was reset, is not listed.
    /// </remarks>
    public IReadOnlyList<TcpSocket> List(params ReadOnlySpan<TcpState> states)
    {
        uint mask = states.IsEmpty ? SockDiagUapi.AllStates : 0;
        foreach (TcpState state in states)
        {
            mask |= (1U << (int)state) & SockDiagUapi.AllStates;
            mask |= state == TcpState.SynReceived ? SockDiagUapi.NewSynReceivedState : 0;
        }

        List<TcpSocket> sockets = [];
        HashSet<ulong> cookies = [];
        void Add(NetlinkMessage message)
        {
            if (SockDiagMessage.TryRead(message, out TcpSocket socket) && cookies.Add(socket.Cookie))
            {
                sockets.Add(socket);
            }
        }

        Dump(Libc.AF_INET, mask, "Could not list the TCP sockets over IPv4.", Add);
        Dump(Libc.AF_INET6, mask, "Could not list the TCP sockets over IPv6.", Add);
        return sockets;
    }

    /// <summary>Finds the socket of a connection by its two ends, in any state from SYN-SENT and SYN-RECEIVED to TIME-WAIT.</summary>
    /// <param name="pair">The ends; their VRF or scope stands for an interface index of 0.</param>
    /// <param name="interfaceIndex">
    /// The interface that its packets take. One that is bound to an interface or has link-local addresses is found with that
    /// alone, one that is not is found with any.
    /// </param>
    /// <returns>The socket with the pair as it was asked for, or null when there is none. Listeners are never found.</returns>
    /// <exception cref="LinuxException">The kernel could not answer, for lack of memory.</exception>
    public TcpSocket? Find(in SocketPair pair, int interfaceIndex = 0) => FindAny(pair, interfaceIndex) is { State: not TcpState.Listen } socket ? socket : null;

    /// <summary>
    /// Finds the socket that a segment of a pair would reach: that of the connection or, where there is none, the listener that a SYN would come to. In SYN-RECEIVED the cookie is that of
    /// the socket that accept() will give.
    /// </summary>
    /// <param name="pair">As for <see cref="Find"/>.</param>
    /// <param name="interfaceIndex">As for <see cref="Find"/>.</param>
    /// <returns>A connection's socket with the pair as it was asked for, a listener with its own ends, or null.</returns>
    /// <exception cref="LinuxException">As <see cref="Find"/>.</exception>
    public TcpSocket? FindAny(in SocketPair pair, int interfaceIndex = 0)
    {
        const string What = "Could not look a TCP socket up.";
        uint sequence = _socket.NextSequence();
        SockDiagMessage.WriteOne(_request, SockDiagUapi.SOCK_DIAG_BY_FAMILY, 0, sequence, pair, Interface(pair, interfaceIndex), SockDiagUapi.INET_DIAG_NOCOOKIE);
        _socket.Send(_request.Written, What);
        while (true)
        {
            ReadOnlySpan<byte> datagram = _socket.Receive(out int error);
            if (error != 0)
            {
                throw new LinuxException(error, What);
            }

            while (NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message))
            {
                if (message.Sequence == sequence)
                {
                    return Answer(message, pair, What);
                }
            }
        }
    }

    /// <summary>Finds the listener that a SYN of a pair would come to, also where there is a connection with these ends.</summary>
    /// <param name="pair">As for <see cref="Find"/>.</param>
    /// <param name="interfaceIndex">As for <see cref="Find"/>.</param>
    /// <returns>The listener, or null.</returns>
    /// <exception cref="LinuxException">As <see cref="Find"/>.</exception>
    public TcpSocket? FindListener(in SocketPair pair, int interfaceIndex = 0)
    {
        // no connection has port 0 at its other end
        IpAddressBits nobody = pair.Local.IsIPv4 ? IpAddressBits.FromBytes([0, 0, 0, 0]) : default;
        return FindAny(pair with { Remote = nobody, RemotePort = 0 }, Interface(pair, interfaceIndex)) is { State: TcpState.Listen } listener ? listener : null;
    }

    /// <summary>
    /// Ends a connection, whoever it belongs to: the peer gets a RST, the process ECONNABORTED. The process has its socket
    /// until it closes it; <see cref="SockDiagMonitor"/> tells of it only then.
    /// </summary>
    /// <param name="pair">The ends; their VRF or scope stands for an interface index of 0.</param>
    /// <param name="cookie">Cookie of the socket, so that no later one of the same ends is hit.</param>
    /// <param name="interfaceIndex">As for <see cref="Find"/>.</param>
    /// <returns>False when there is no such socket, or no more.</returns>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing; or EOPNOTSUPP: the kernel cannot do it.</exception>
    public bool Destroy(in SocketPair pair, ulong cookie, int interfaceIndex = 0)
    {
        // all ones would be any socket, a listener too
        ArgumentOutOfRangeException.ThrowIfEqual(cookie, SockDiagUapi.INET_DIAG_NOCOOKIE);
        const string What = "Could not end a TCP connection;";
        uint sequence = _socket.NextSequence();
        SockDiagMessage.WriteOne(_request, SockDiagUapi.SOCK_DESTROY, NetlinkUapi.NLM_F_ACK, sequence, pair, Interface(pair, interfaceIndex), cookie);
        int errno = _socket.TryTransact(_request, sequence, What + " the request was not sent.", out string? kernelText);
        return errno switch
        {
            0 => true,
            Errno.ENOENT => false,
            Errno.EOPNOTSUPP => throw NetlinkSocket.Refused(errno, What + " the kernel is built without CONFIG_INET_DIAG_DESTROY or, in TIME-WAIT, is too old for it.", kernelText),
            _ => throw NetlinkSocket.Refused(errno, What + " CAP_NET_ADMIN in the user namespace of the network namespace is needed.", kernelText),
        };
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private static int Interface(in SocketPair pair, int interfaceIndex) => interfaceIndex != 0 ? interfaceIndex : pair.Vrf;

    private static TcpSocket? Answer(NetlinkMessage message, in SocketPair pair, string what)
    {
        if (message.Type == NetlinkUapi.NLMSG_ERROR)
        {
            return message.Error == -Errno.ENOENT ? null : throw NetlinkSocket.Refused(-message.Error, what, message.ExtendedAckText());
        }

        // where there is no connection, the kernel tells of the listener that a SYN would reach
        if (!SockDiagMessage.TryRead(message, out TcpSocket socket))
        {
            return null;
        }

        return socket.State == TcpState.Listen ? socket
            : socket.Pair with { Vrf = 0 } == pair with { Vrf = 0 } ? socket with { Pair = pair }
            : null;
    }

    private void Dump(int family, uint states, string what, NetlinkHandler handler)
    {
        uint sequence = _socket.NextSequence();
        SockDiagMessage.WriteDump(_request, sequence, (byte)family, states);
        _socket.Ask(_request, sequence, what, handler);
    }
}
