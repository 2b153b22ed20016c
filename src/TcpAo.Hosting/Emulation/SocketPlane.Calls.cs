// What the kernel knows of a socket when the program calls.

using System.Net.Sockets;
using TcpAo.Connections;
using TcpAo.Linux.Seccomp;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

internal sealed partial class SocketPlane
{
    private const int TCP_REPAIR = 19;

    /// <summary>Whether a call's socket is known, or may be from now on.</summary>
    /// <param name="call">The call.</param>
    /// <param name="share">Whose it is; null where a user may have any number.</param>
    /// <returns>False where its user has as many sockets as may be.</returns>
    public bool Admits(SocketCall call, ProgramShare? share)
    {
        if (share is null || Find(call.Socket) is not null)
        {
            return true;
        }

        if (!share.TryAddSocket())
        {
            return false;
        }

        LookClosely(call, call.Socket.ReadState()).Socket.Share = share;
        return true;
    }

    /// <summary>The socket of a call, known from now on, and what the kernel knows of it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="queuedFollow">Whether the program wants connections that wait for <c>accept()</c> to follow the keys of their listener.</param>
    public (ProgramSocket Socket, SocketFacts Facts) Look(SocketCall call, bool queuedFollow)
    {
        TargetSocket target = call.Socket;
        TcpState state = target.ReadState();
        bool isKnown = _registry.Find(target.Cookie) is { } found && IsInStep(found, state) && NeedsNoMore(found, call, state);
        (ProgramSocket socket, SocketFacts facts) = isKnown ? LookAgain(_registry.Find(target.Cookie)!, target, state, call.Kind) : LookClosely(call, state);
        socket.Model.QueuedConnectionsFollow = queuedFollow;
        return (socket, facts);
    }

    /// <summary>Whether what is known of a socket's ends is what the kernel has.</summary>
    private static bool IsInStep(ProgramSocket socket, TcpState state) => !socket.Model.IsQueued && state switch
    {
        TcpState.Closed => true,
        TcpState.Listen => socket.ListeningPort != 0,
        _ => socket is { Pair: not null, Destination: not null },
    };

    /// <summary>Whether a call is answered alike whatever else the kernel knows of the socket; each question costs the program a microsecond.</summary>
    private bool NeedsNoMore(ProgramSocket socket, SocketCall call, TcpState state) => call.Option != (int)TcpSocketOption.AoRepair && call.Kind switch
    {
        SocketCallKind.GetOption => true,

        // a policy may own the local address; and whether a connection is in repair mode counts until it has TCP-AO
        SocketCallKind.SetOption => Space.Policy is null && (socket.Model.HasAo || state is TcpState.Closed or TcpState.Listen),
        _ => false,
    };

    private (ProgramSocket Socket, SocketFacts Facts) LookAgain(ProgramSocket socket, TargetSocket target, TcpState state, SocketCallKind kind)
    {
        if (state == TcpState.Closed)
        {
            Follow(socket, state, 0, null);
        }
        else if (kind == SocketCallKind.SetOption)
        {
            BindTo(socket, target.ReadBoundDevice());
        }

        return (socket, new SocketFacts(FamilyOf(target), state)
        {
            Time = Now(),
            BoundDevice = socket.BoundDevice,
            Pair = socket.Pair ?? default,
            HasPeer = state is not (TcpState.Closed or TcpState.Listen),
            Connection = socket.Connection,
        });
    }

    private (ProgramSocket Socket, SocketFacts Facts) LookClosely(SocketCall call, TcpState state)
    {
        TargetSocket target = call.Socket;
        SockAddr? peer = state is TcpState.Closed or TcpState.Listen ? null : target.ReadPeer();
        SockAddr local = target.ReadLocal();
        int device = target.ReadBoundDevice();
        int vrf = device == 0 ? 0 : _links.MasterOf(device);
        SocketPair pair = peer is { } known ? PairOf(local, known, vrf) : new SocketPair(local.Address, default, local.Port, 0, vrf);
        ProgramSocket socket = Take(target, peer is null ? null : pair);
        BindTo(socket, device);
        Follow(socket, state, local.Port, peer);
        if (peer is null && state is not (TcpState.Closed or TcpState.Listen) && socket.Pair is { } connecting)
        {
            // SYN-SENT: the kernel tells the peer to nobody
            pair = connecting;
        }

        _ = target.ReadOption((int)SocketOptionLevel.Tcp, TCP_REPAIR, out int repair);
        bool isAboutRepair = call.Option == (int)TcpSocketOption.AoRepair;
        (uint sendSequence, uint receiveSequence) = isAboutRepair && repair == 1 ? target.ReadSequences() : default;
        return (socket, new SocketFacts(FamilyOf(target), state)
        {
            Time = Now(),
            BoundDevice = device,
            Pair = pair,
            HasPeer = state is not (TcpState.Closed or TcpState.Listen),
            InRepair = repair == 1,
            MayRepair = isAboutRepair && call.MayAdministrateNetwork(),
            Connection = socket.Connection,
            SendSequence = sendSequence,
            ReceiveSequence = receiveSequence,
        });
    }

    private void BindTo(ProgramSocket socket, int device) =>
        (socket.BoundDevice, socket.IsInVrf) = (device, device == 0 ? ReachesAllVrfs() : _links.MasterOf(device) != 0);

    private static SocketFamily FamilyOf(TargetSocket target) => target.Family == AddressFamily.InterNetwork ? SocketFamily.Inet : SocketFamily.Inet6;

    private static SocketPair PairOf(in SockAddr local, in SockAddr remote, int vrf) =>
        new(local.Address, remote.Address, local.Port, remote.Port, remote.Address.IsLinkLocal ? (int)remote.ScopeId : vrf);

    private ProgramSocket Take(TargetSocket target, in SocketPair? pair)
    {
        ProgramSocket? socket = _registry.Find(target.Cookie);
        if (socket is null)
        {
            // an accepted connection whose cookie could not be told from its handshake
            socket = pair is { } ends && _registry.FindOwner(ends) is { Cookie: 0 } accepted ? accepted : new ProgramSocket(0, FamilyOf(target), new AoSocket(Space));
            socket.Cookie = target.Cookie;
            _registry.Add(socket);
        }

        if (socket.Model.IsQueued)
        {
            // the program has it
            socket.Model.Accept();
        }

        return socket;
    }

    /// <summary>Brings what is known of a socket in step with its state.</summary>
    private void Follow(ProgramSocket socket, TcpState state, ushort localPort, in SockAddr? peer)
    {
        switch (state)
        {
            case TcpState.Closed:
                Leave(socket);
                socket.ListeningPort = 0;
                break;
            case TcpState.Listen when socket.ListeningPort == 0:
                // nobody saw it begin to listen
                Listen(socket, localPort);
                break;
            default:
                socket.Destination ??= peer;
                break;
        }
    }
}
