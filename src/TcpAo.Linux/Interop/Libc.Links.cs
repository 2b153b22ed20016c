// ioctl(2) on a network interface: struct ifreq of netdevice(7), commands of linux/ethtool.h.
using System.Runtime.InteropServices;
using System.Text;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    private const int InterfaceNameLength = 16;
    private const int RequestLength = 40;
    private const int SOCK_DGRAM = 2;
    private const nuint SIOCETHTOOL = 0x8946;

    /// <summary>Sets a value of an interface of the namespace that the thread is in: struct ethtool_value.</summary>
    public static void SetEthtoolValue(string link, uint command, uint value, string what)
    {
        uint* setting = stackalloc uint[] { command, value };
        byte* request = stackalloc byte[RequestLength];
        new Span<byte>(request, RequestLength).Clear();
        Encoding.ASCII.GetBytes(link, new Span<byte>(request, InterfaceNameLength - 1));
        *(uint**)(request + InterfaceNameLength) = setting;
        using SafeDescriptor socket = Socket(AF_INET, SOCK_DGRAM, 0, what);
        if (ioctl(socket, SIOCETHTOOL, request) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeDescriptor descriptor, nuint request, void* argument);
}
