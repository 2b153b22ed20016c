// linux/tcp.h: TCP_AO_INFO of a socket without keys says whether the kernel knows the option at all.
using System.Net.Sockets;

namespace TcpAo.Linux.Diagnostics;

/// <summary>Whether the kernel has TCP-AO of its own (CONFIG_TCP_AO).</summary>
public static class KernelTcpAo
{
    private const int ProtocolTcp = 6;
    private const int TCP_AO_INFO = 40;
    private const int ENOPROTOOPT = 92;

    /// <summary>Asks the kernel; where it says nothing clear, the answer is yes.</summary>
    public static bool IsThere()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.GetRawSocketOption(ProtocolTcp, TCP_AO_INFO, new byte[64]);
            return true;
        }
        catch (SocketException error)
        {
            // with TCP-AO: no keys on this socket
            return error.SocketErrorCode != SocketError.ProtocolOption && error.NativeErrorCode != ENOPROTOOPT;
        }
    }
}
