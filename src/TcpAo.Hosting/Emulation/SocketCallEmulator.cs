using System.Security.Cryptography;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Seccomp;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// Answers the socket calls of supervised programs as a kernel with TCP-AO would (linux-uapi 4): what a call asks goes to the model of its socket, and what that changes to the data plane of
/// the socket's network namespace. Rules stand before the call that needs them is answered.
/// </summary>
/// <param name="planes">The data planes.</param>
/// <param name="netstat">Answers for /proc/net/netstat; null where programs see the kernel's.</param>
/// <param name="queuedFollow">Whether connections that wait for <c>accept()</c> follow the keys of their listener.</param>
/// <param name="share">What the program's user may have; null for any number of sockets.</param>
internal sealed class SocketCallEmulator(SocketPlanes planes, NetstatFile? netstat, bool queuedFollow, ProgramShare? share = null) : ISocketCallHandler
{
    /// <summary>The options that it answers.</summary>
    public static IReadOnlyCollection<int> Options { get; } = [.. Enum.GetValues<TcpSocketOption>().Select(option => (int)option)];

    private readonly byte[] _value = new byte[AoSocket.LongestValue];

    /// <inheritdoc/>
    public SocketAnswer Handle(SocketCall request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Kind switch
        {
            SocketCallKind.SetOption => SetOption(request),
            SocketCallKind.GetOption => GetOption(request),
            SocketCallKind.Connect => Connect(request),
            SocketCallKind.Listen => Listen(request),
            SocketCallKind.ReadError => ReadError(request),
            _ => netstat?.Open(request) ?? SocketAnswer.Continue,
        };
    }

    /// <inheritdoc/>
    public void Answered(SocketCall request, SocketAnswer answer, bool isDelivered) => netstat?.Close();

    private static SocketAnswer Answer(LinuxErrno errno) => errno == LinuxErrno.None ? SocketAnswer.Success : SocketAnswer.Fail((int)errno);

    /// <summary>Who connects to "any" connects to itself (ip(7)).</summary>
    private static SockAddr WhereTo(in SockAddr peer) => !peer.IsAnyAddress ? peer
        : peer with { Address = IpAddressBits.From(peer.Address.IsIPv4 ? System.Net.IPAddress.Loopback : System.Net.IPAddress.IPv6Loopback) };

    private SocketAnswer SetOption(SocketCall call)
    {
        if (planes.Of(call.Socket) is not { } plane)
        {
            return SocketAnswer.Continue;
        }

        Span<byte> value = _value.AsSpan(0, Math.Min(call.Length, _value.Length));
        if (call.ReadPart(value, out int count) != 0)
        {
            return SocketAnswer.Continue;
        }

        value = value[..count];
        try
        {
            lock (plane.Gate)
            {
                return SetOption(plane, call, (TcpSocketOption)call.Option, value);
            }
        }
        finally
        {
            // it may be a key
            CryptographicOperations.ZeroMemory(value);
        }
    }

    private SocketAnswer SetOption(SocketPlane plane, SocketCall call, TcpSocketOption option, ReadOnlySpan<byte> value)
    {
        if (!plane.Admits(call, share))
        {
            return Answer(LinuxErrno.OutOfMemory);
        }

        (ProgramSocket socket, SocketFacts facts) = plane.Look(call, queuedFollow);
        UapiAnswer answer = socket.Model.SetOption(option, value, call.Length, facts);
        if (answer.Errno == LinuxErrno.OutOfMemory && plane.RefreshOptMemMax())
        {
            answer = socket.Model.SetOption(option, value, call.Length, facts);
        }

        LinuxErrno errno = answer.Errno;
        if (answer.ToKernel)
        {
            if (value.Length < call.Length)
            {
                return SocketAnswer.Continue;
            }

            // the very bytes that the model saw
            errno = (LinuxErrno)call.Socket.SetOption((int)System.Net.Sockets.SocketOptionLevel.Tcp, call.Option, value);
            socket.Model.CompleteMd5(option, value, call.Length, facts, errno);
        }

        if (errno != LinuxErrno.None)
        {
            return Answer(errno);
        }

        if (answer.KeysChanged)
        {
            plane.UseKeys();
            if (option != TcpSocketOption.AoDelKey)
            {
                plane.Protect(socket, isOneKeyMore: option == TcpSocketOption.AoAddKey);
            }
        }

        if (option == TcpSocketOption.AoRepair && socket.Connection is null)
        {
            plane.Restore(socket, facts);
            plane.Protect(socket);
        }

        return SocketAnswer.Success;
    }

    private SocketAnswer GetOption(SocketCall call)
    {
        if (planes.Of(call.Socket) is not { } plane)
        {
            return SocketAnswer.Continue;
        }

        Span<byte> value = _value.AsSpan(0, Math.Clamp(call.Length, 0, _value.Length));
        if (call.ReadPart(value, out int count) != 0)
        {
            return SocketAnswer.Continue;
        }

        UapiAnswer answer;
        lock (plane.Gate)
        {
            if (!plane.Admits(call, share))
            {
                return Answer(LinuxErrno.OutOfMemory);
            }

            (ProgramSocket socket, SocketFacts facts) = plane.Look(call, queuedFollow);
            answer = socket.Model.GetOption((TcpSocketOption)call.Option, value[..count], call.Length, facts);
        }

        try
        {
            foreach (UapiWrite write in answer.Writes)
            {
                if (call.WriteValue(write.Offset, write.Bytes) != 0)
                {
                    return Answer(LinuxErrno.BadAddress);
                }
            }

            return answer.Length is { } length && call.WriteLength(length) != 0 ? Answer(LinuxErrno.BadAddress) : Answer(answer.Errno);
        }
        finally
        {
            answer.Erase();
        }
    }

    private SocketAnswer Connect(SocketCall call)
    {
        if (!call.TryOpenSocket() || !call.Socket.IsTcp || (planes.HasKeys ? planes.Of(call.Socket) : planes.Find(call.Socket)) is not { } plane)
        {
            return SocketAnswer.Continue;
        }

        lock (plane.Gate)
        {
            Span<byte> bytes = stackalloc byte[Math.Clamp(call.Length, 0, SockAddr.StorageSize)];
            if ((plane.Find(call.Socket) is null && plane.Space is { Policy: null, Defaults: null }) || call.ReadPart(bytes, out int count) != 0 || !SockAddr.TryRead(bytes[..count], out SockAddr peer) || peer.Family == SocketFamily.Unspecified)
            {
                return SocketAnswer.Continue;
            }

            if (!plane.Admits(call, share))
            {
                return Answer(LinuxErrno.OutOfMemory);
            }

            (ProgramSocket socket, SocketFacts facts) = plane.Look(call, queuedFollow);
            if (facts.State != TcpState.Closed)
            {
                // the kernel's own answer
                return SocketAnswer.Continue;
            }

            SockAddr destination = WhereTo(peer);
            SocketPair pair = facts.Pair with { Remote = destination.Address, RemotePort = destination.Port };
            LinuxErrno errno = socket.Model.CheckConnect(facts with { Pair = pair, HasPeer = true });
            if (errno != LinuxErrno.None)
            {
                return Answer(errno);
            }

            socket.Destination = destination;
            socket.HasDefaultKeys = !socket.Model.HasAo && plane.Space.Defaults?.Find(pair) is not null;
            plane.Protect(socket);
            return SocketAnswer.Continue;
        }
    }

    /// <summary>
    /// In a kernel a segment and what it does to a socket are one step: what was on its way through queues when the program asked, is there when the kernel answers. And with the answer the program
    /// knows what came of a handshake.
    /// </summary>
    private SocketAnswer ReadError(SocketCall call)
    {
        if (call.TryOpenSocket() && call.Socket.IsTcp && planes.Find(call.Socket) is { } plane)
        {
            bool isKnown;
            lock (plane.Gate)
            {
                isKnown = plane.Find(call.Socket) is { } socket && plane.Notice(socket);
            }

            if (isKnown)
            {
                planes.Settle();
            }
        }

        return SocketAnswer.Continue;
    }

    private SocketAnswer Listen(SocketCall call)
    {
        if (!call.TryOpenSocket() || !call.Socket.IsTcp || planes.Of(call.Socket) is not { } plane)
        {
            return SocketAnswer.Continue;
        }

        lock (plane.Gate)
        {
            ushort port = call.Socket.ReadLocal().Port;
            if (port == 0 && call.Socket.BindToAnyPort() == 0)
            {
                port = call.Socket.ReadLocal().Port;
            }

            if (port != 0 && call.Socket.ReadState() is TcpState.Closed or TcpState.Listen)
            {
                if (!plane.Admits(call, share))
                {
                    return Answer(LinuxErrno.OutOfMemory);
                }

                (ProgramSocket socket, _) = plane.Look(call, queuedFollow);
                plane.Listen(socket, port);
            }

            return SocketAnswer.Continue;
        }
    }
}
