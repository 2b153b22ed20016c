// tcp(7), TCP_REPAIR of linux/tcp.h: what checkpoint and restore uses to move a connection.
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Uapi;

namespace TcpAo.Linux.Diagnostics;

/// <summary>
/// Puts TCP sockets at sequence numbers of one's choice: before they connect, or by making a connection anew somewhere else in its sequence space without
/// a word on the wire. For the lab and for tests: replay and wrap-around need sequence numbers that would take gigabytes to reach.
/// </summary>
/// <remarks>Needs CAP_NET_ADMIN.</remarks>
public static class TcpRepair
{
    private const int IPPROTO_TCP = 6;
    private const int TCP_INFO = 11;
    private const int TCP_REPAIR = 19;
    private const int TCP_REPAIR_QUEUE = 20;
    private const int TCP_QUEUE_SEQ = 21;
    private const int TCP_REPAIR_OPTIONS = 22;
    private const int TCP_RECV_QUEUE = 1;
    private const int TCP_SEND_QUEUE = 2;

    // TCPOPT_WINDOW; both ends are restored with the same shift
    private const uint WindowOption = 3;
    private const uint WindowShift = 7;

    // struct tcp_info: tcpi_state, tcpi_unacked
    private const int StateOffset = 0;
    private const int UnacknowledgedOffset = 24;
    private const int InfoLength = 32;

    /// <summary>State of a socket.</summary>
    public static TcpState StateOf(Socket socket) => (TcpState)Info(socket)[StateOffset];

    /// <summary>Segments that a socket has sent and that its peer has not acknowledged.</summary>
    public static int UnacknowledgedBy(Socket socket) => MemoryMarshal.Read<int>(Info(socket).AsSpan(UnacknowledgedOffset));

    /// <summary>Chooses the initial sequence number of a socket that is not connected yet.</summary>
    /// <param name="socket">The socket; it is bound before or after.</param>
    /// <param name="sequence">The number; not 0, which is none.</param>
    public static void SetInitialSequence(Socket socket, uint sequence)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Set(socket, TCP_REPAIR, 1);
        Set(socket, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
        Set(socket, TCP_QUEUE_SEQ, (int)sequence);
        Set(socket, TCP_REPAIR, 0);
    }

    /// <summary>From now on the socket says nothing, also when it is closed.</summary>
    public static void Freeze(Socket socket) => Set(socket, TCP_REPAIR, 1);

    /// <summary>Makes a fresh socket one end of a connection that is established already. It says nothing before <see cref="Thaw"/>.</summary>
    /// <param name="fresh">A socket that is neither bound nor connected.</param>
    /// <param name="local">Its address and port.</param>
    /// <param name="remote">Those of the peer.</param>
    /// <param name="send">Sequence number of the next byte that it sends.</param>
    /// <param name="receive">Sequence number of the next byte that it receives.</param>
    public static void Restore(Socket fresh, EndPoint local, EndPoint remote, uint send, uint receive)
    {
        ArgumentNullException.ThrowIfNull(fresh);
        Set(fresh, TCP_REPAIR, 1);
        fresh.Bind(local);
        Set(fresh, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
        Set(fresh, TCP_QUEUE_SEQ, (int)send);
        Set(fresh, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE);
        Set(fresh, TCP_QUEUE_SEQ, (int)receive);
        fresh.Connect(remote);

        // struct tcp_repair_opt; without it the windows would be a hundredth of what is meant
        Span<byte> option = stackalloc byte[8];
        MemoryMarshal.Write(option, WindowOption);
        MemoryMarshal.Write(option[4..], WindowShift | (WindowShift << 16));
        fresh.SetRawSocketOption(IPPROTO_TCP, TCP_REPAIR_OPTIONS, option);
    }

    /// <summary>The socket speaks; a restored one asks its peer for the window at once.</summary>
    public static void Thaw(Socket socket)
    {
        Set(socket, TCP_REPAIR, 0);

        // the kernel has taken that away: nobody could listen on the port while the connection lasts
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, 1);
    }

    private static void Set(Socket socket, int option, int value)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(bytes, value);
        socket.SetRawSocketOption(IPPROTO_TCP, option, bytes);
    }

    private static byte[] Info(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        byte[] info = new byte[InfoLength];
        socket.GetRawSocketOption(IPPROTO_TCP, TCP_INFO, info);
        return info;
    }
}
