using System.Net.Sockets;

namespace TcpAo.Hosting.DataPlane;

/// <summary>What the running kernel knows.</summary>
internal static class KernelFeatures
{
    private const int ProtocolTcp = 6;
    private const int TCP_AO_INFO = 40;
    private const int ENOPROTOOPT = 92;

    /// <summary>Whether the kernel has TCP-AO (CONFIG_TCP_AO): the probe that daemons use.</summary>
    public static bool HasTcpAo()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.GetRawSocketOption(ProtocolTcp, TCP_AO_INFO, new byte[48]);
            return true;
        }
        catch (SocketException error)
        {
            return error.NativeErrorCode != ENOPROTOOPT;
        }
    }
}
