using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>A socket of .NET. The handle is held during a call, so that a socket that is closed meanwhile is not another one.</summary>
internal sealed class KernelSocket(Socket socket) : OptionSocket
{
    private const int TCP_INFO = 11;

    // struct tcp_info: tcpi_state
    private const int StateOffset = 0;
    private const int InfoLength = 8;

    // there is one kernel, or one supervisor, for the whole life of a process, unless it joins a daemon
    private static bool s_mayHaveExtension = true;

    public override string Name
    {
        get
        {
            try
            {
                return socket.RemoteEndPoint is { } remote ? $"{socket.LocalEndPoint} - {remote}" : $"{socket.LocalEndPoint}";
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return "a socket that is not bound";
            }
        }
    }

    public override AddressFamily Family => socket.AddressFamily;

    public override bool IsDualMode => socket.AddressFamily == AddressFamily.InterNetworkV6 && socket.DualMode;

    public override TcpState State
    {
        get
        {
            Span<byte> info = stackalloc byte[InfoLength];
            return Libc.GetTcpOption(socket.SafeHandle, TCP_INFO, info, info.Length) == 0 ? (TcpState)info[StateOffset] : TcpState.Unknown;
        }
    }

    public override bool MayHaveExtension
    {
        get => Volatile.Read(ref s_mayHaveExtension);
        set => Volatile.Write(ref s_mayHaveExtension, value);
    }

    /// <summary>Somebody else answers from now on.</summary>
    public static void ForgetExtension() => Volatile.Write(ref s_mayHaveExtension, true);

    public override int Set(TcpSocketOption option, ReadOnlySpan<byte> value) => Libc.SetTcpOption(socket.SafeHandle, (int)option, value);

    public override int Get(TcpSocketOption option, Span<byte> value, int length) => Libc.GetTcpOption(socket.SafeHandle, (int)option, value, length);
}
