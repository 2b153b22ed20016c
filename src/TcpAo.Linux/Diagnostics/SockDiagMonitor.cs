// sock_diag(7): SKNLGRP_INET_TCP_DESTROY and SKNLGRP_INET6_TCP_DESTROY, one message for each socket that the kernel frees.
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Diagnostics;

/// <summary>
/// Tells of TCP sockets that are gone from the network namespace that the thread was in when it opened this. No privilege is
/// needed. One thread at a time uses it.
/// </summary>
/// <remarks>
/// A socket is gone when the process has closed it and TCP is done with it. The one that closes first is gone when it enters
/// TIME-WAIT, which <see cref="SockDiag.Find"/> shows with the same cookie and of whose end nobody tells. Neither does
/// anybody tell of a handshake that did not come to its end.
/// </remarks>
/// <example>
/// <code>
/// while (monitor.TryRead(0, out TcpSocket gone))
/// {
///     Forget(gone.Cookie);
/// }
///
/// if (monitor.TakeLost())
/// {
///     Compare(diag.List());
/// }
/// </code>
/// </example>
public sealed class SockDiagMonitor : IDisposable
{
    private const int DefaultReceiveBufferBytes = 4 * 1024 * 1024;
    private readonly NetlinkSocket _socket;
    private bool _isOverrun;
    private bool _isLost;

    private SockDiagMonitor(NetlinkSocket socket)
    {
        _socket = socket;
    }

    /// <summary>Subscribes.</summary>
    /// <param name="receiveBufferBytes">
    /// Room for what was not read yet, about 640 bytes each on Linux 6.18; beyond net.core.rmem_max only with CAP_NET_ADMIN
    /// in the first user namespace.
    /// </param>
    /// <exception cref="LinuxException">The kernel lacks CONFIG_INET_DIAG.</exception>
    public static SockDiagMonitor Open(int receiveBufferBytes = DefaultReceiveBufferBytes)
    {
        NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_SOCK_DIAG);
        try
        {
            socket.SetReceiveBuffer(receiveBufferBytes);
            socket.Join(SockDiagUapi.SKNLGRP_INET_TCP_DESTROY);
            socket.Join(SockDiagUapi.SKNLGRP_INET6_TCP_DESTROY);
            return new SockDiagMonitor(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a socket to go.</summary>
    /// <param name="timeoutMilliseconds">How long, -1 without end, 0 not at all.</param>
    /// <param name="gone">The socket; know it by its cookie.</param>
    /// <returns>
    /// False after the timeout, and at once when notifications were lost and those that were not are read: ask <see cref="TakeLost"/> then.
    /// </returns>
    public bool TryRead(int timeoutMilliseconds, out TcpSocket gone)
    {
        while (true)
        {
            ReadOnlySpan<byte> datagram = _socket.Receive(out int error, Libc.MSG_DONTWAIT);
            switch (error)
            {
                case 0:
                    // the kernel puts each into a datagram of its own
                    if (NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message) && SockDiagMessage.TryRead(message, out gone))
                    {
                        return true;
                    }

                    break;
                case Errno.ENOBUFS:
                    // until the queue is empty the kernel drops all that comes and says so no second time: whoever lists
                    // before that misses it
                    _isOverrun = true;
                    break;
                case Errno.EAGAIN:
                    if (_isOverrun)
                    {
                        _isOverrun = false;
                        _isLost = true;
                        gone = default;
                        return false;
                    }

                    if (timeoutMilliseconds == 0 || !Libc.WaitReadable(_socket.Descriptor, timeoutMilliseconds))
                    {
                        gone = default;
                        return false;
                    }

                    break;
                default:
                    throw new LinuxException(error, "Could not receive notifications of TCP sockets.");
            }
        }
    }

    /// <summary>
    /// Whether notifications were lost, for want of room, since this last said so. It says so when all others are read:
    /// a list made after that, and what is read from then on, miss nothing.
    /// </summary>
    public bool TakeLost()
    {
        bool isLost = _isLost;
        _isLost = false;
        return isLost;
    }

    /// <summary>Ends the subscription.</summary>
    public void Dispose() => _socket.Dispose();
}
