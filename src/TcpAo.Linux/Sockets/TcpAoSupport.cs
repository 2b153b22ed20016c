using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>Whether sockets of this process have TCP-AO. Asked of the kernel once, on a socket of its own.</summary>
public static class TcpAoSupport
{
    private static readonly Lazy<(bool IsSupported, string? Reason)> s_ao = new(ProbeAo);
    private static readonly Lazy<bool> s_extension = new(ProbeExtension);

    /// <summary>Whether TCP-AO keys can be set on sockets: by the kernel, or by <c>tcpao exec</c>, which runs the program.</summary>
    public static bool IsSupported => s_ao.Value.IsSupported;

    /// <summary>Why not, and what to do, in a sentence; null where it is supported.</summary>
    public static string? Reason => s_ao.Value.Reason;

    /// <summary>Whether keys may have ports and ids last received can be read, which a native kernel does not do.</summary>
    public static bool HasExtension => IsSupported && s_extension.Value;

    /// <exception cref="TcpAoException">There is no TCP-AO; the message is <see cref="Reason"/>.</exception>
    public static void ThrowIfNotSupported()
    {
        if (!IsSupported)
        {
            throw new TcpAoException(TcpAoError.NotSupported, Reason!);
        }
    }

    private static (bool IsSupported, string? Reason) ProbeAo()
    {
        // what TCP_AO_INFO answers on a socket without TCP-AO; 40 of tcp_authopt answers otherwise
        int errno = Probe(isExtended: false);
        return errno switch
        {
            Errno.ENOENT => (true, null),
            Errno.ENOPROTOOPT => (false, OptionErrors.NoTcpAo),
            _ => (false, $"The kernel does not answer for TCP-AO as Linux does ({Errno.Describe(errno)})."),
        };
    }

    private static bool ProbeExtension() => Probe(isExtended: true) == Errno.ENOENT;

    private static int Probe(bool isExtended)
    {
        using Socket socket = new(Socket.OSSupportsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        Span<byte> value = stackalloc byte[isExtended ? TcpAoExtension.TotalLength : TcpAoInfoOption.Size];
        value.Clear();
        if (isExtended)
        {
            TcpAoExtension.Create(value);
        }

        return new KernelSocket(socket).Get(TcpSocketOption.AoInfo, value, value.Length);
    }
}
