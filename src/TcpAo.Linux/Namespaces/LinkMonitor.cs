// rtnetlink(7): RTNLGRP_LINK, a message for each change of a link.
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Namespaces;

/// <summary>
/// Tells that links came, went or changed in the network namespace that the thread was in when it opened this. No privilege is needed. One thread at a time
/// uses it.
/// </summary>
public sealed class LinkMonitor : IDisposable
{
    private readonly NetlinkSocket _socket;

    private LinkMonitor(NetlinkSocket socket)
    {
        _socket = socket;
    }

    /// <summary>Subscribes: changes wait from now on.</summary>
    public static LinkMonitor Open()
    {
        NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE);
        try
        {
            socket.Join(RouteUapi.RTNLGRP_LINK);
            return new LinkMonitor(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a change, and takes all that wait with it: ask <see cref="RouteSocket.Links"/> what is there now.</summary>
    /// <param name="timeoutMilliseconds">How long, -1 without end, 0 not at all.</param>
    /// <returns>False after the timeout.</returns>
    public bool Wait(int timeoutMilliseconds)
    {
        if (!Libc.WaitReadable(_socket.Descriptor, timeoutMilliseconds))
        {
            return false;
        }

        while (true)
        {
            _socket.Receive(out int error, Libc.MSG_DONTWAIT);
            switch (error)
            {
                // lost notifications are changes too
                case 0 or Errno.ENOBUFS:
                    break;
                case Errno.EAGAIN:
                    return true;
                default:
                    throw new LinuxException(error, "Could not receive notifications of network interfaces.");
            }
        }
    }

    /// <summary>Ends the subscription.</summary>
    public void Dispose() => _socket.Dispose();
}
