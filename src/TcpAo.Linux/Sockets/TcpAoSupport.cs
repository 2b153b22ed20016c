using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>Whether sockets of this process have TCP-AO, and whose it is. Asked once, on a socket of its own, and again after <see cref="TcpAoDaemon.Join"/>.</summary>
public static class TcpAoSupport
{
    private static Lazy<Answer> s_answer = new(() => Ask(isJoined: false));

    /// <summary>Who answers calls for TCP-AO.</summary>
    public static TcpAoProvider Provider => Current.Provider;

    /// <summary>Whether TCP-AO keys can be set on sockets: by the kernel, by <c>tcpao exec</c>, or by a daemon.</summary>
    public static bool IsSupported => Provider != TcpAoProvider.None;

    /// <summary>Why not, and what to do, in a sentence; null where it is supported.</summary>
    public static string? Reason => Current.Reason;

    /// <summary>Whether keys may have ports and ids last received can be read, which a native kernel does not do.</summary>
    public static bool HasExtension => Provider is TcpAoProvider.Exec or TcpAoProvider.Daemon;

    private static Answer Current => Volatile.Read(ref s_answer).Value;

    /// <exception cref="TcpAoException">There is no TCP-AO; the message is <see cref="Reason"/>.</exception>
    public static void ThrowIfNotSupported()
    {
        if (!IsSupported)
        {
            throw new TcpAoException(TcpAoError.NotSupported, Reason!);
        }
    }

    /// <summary>A daemon answers from now on.</summary>
    internal static void Join()
    {
        KernelSocket.ForgetExtension();
        Volatile.Write(ref s_answer, new(() => Ask(isJoined: true)));
    }

    private static Answer Ask(bool isJoined)
    {
        // what TCP_AO_INFO answers on a socket without TCP-AO; 40 of tcp_authopt answers otherwise
        int errno = Probe(isExtended: false);
        return errno switch
        {
            Errno.ENOENT when isJoined => new Answer(TcpAoProvider.Daemon, null),
            Errno.ENOENT => new Answer(Probe(isExtended: true) == Errno.ENOENT ? TcpAoProvider.Exec : TcpAoProvider.Kernel, null),
            Errno.ENOPROTOOPT => new Answer(TcpAoProvider.None, OptionErrors.NoTcpAo),
            _ => new Answer(TcpAoProvider.None, $"The kernel does not answer for TCP-AO as Linux does ({Errno.Describe(errno)})."),
        };
    }

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

    private sealed record Answer(TcpAoProvider Provider, string? Reason);
}
