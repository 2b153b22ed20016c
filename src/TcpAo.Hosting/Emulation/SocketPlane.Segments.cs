// Packet → socket: what a segment means for the socket that it belongs to.

using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Hosting.DataPlane;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;
using TcpAo.Wire;

namespace TcpAo.Hosting.Emulation;

internal sealed partial class SocketPlane : ISegmentHook, IAoObserver
{
    private const TcpFlags Handshake = TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst;

    // of the packet between Begin and End
    private SocketPair _pair;
    private TcpFlags _flags;
    private bool _hasPair;
    private ProgramSocket? _connecting;
    private AoConnection? _established;

    /// <inheritdoc/>
    public AoDecision? Begin(ReadOnlySpan<byte> packet, bool isOutbound, in SegmentContext context)
    {
        _connecting = null;
        _established = null;
        _hasPair = TcpPacket.TryParse(packet, out TcpPacket segment) == DropReason.None;
        if (!_hasPair)
        {
            return null;
        }

        _pair = isOutbound ? AoEngine.OutboundPair(segment, context) : AoEngine.InboundPair(segment, context);
        _flags = segment.Flags;
        _registry.Interface = context.Interface;
        if (Space.Policy?.Find(_pair) is not null)
        {
            // another queue's
            return AoDecision.Pass;
        }

        if ((_flags & TcpFlags.Syn) != TcpFlags.None)
        {
            _registry.Forget(_pair);
        }

        if (isOutbound)
        {
            return (_flags & Handshake) != TcpFlags.Syn || BeginConnect(context) ? null : AoDecision.Drop(DropReason.NoSendKey);
        }

        return segment.HasAo && IsForNobody() ? AoDecision.Drop(DropReason.KeyNotFound) : null;
    }

    /// <inheritdoc/>
    public AoDecision End(bool isOutbound, in SegmentContext context, in AoDecision decision)
    {
        if (!_hasPair)
        {
            return decision;
        }

        NoteHandshake(isOutbound, decision);
        if (_connecting is { } socket && decision.Verdict != AoVerdict.Drop)
        {
            Connected(socket, context);
        }

        // an owner of an earlier connection with the same ends is closed, and the kernel's word of it still on its way
        if (_established is { } connection && !ReferenceEquals(_registry.FindOwner(_pair)?.Connection, connection))
        {
            return Accepted(connection, context) ? decision : AoDecision.Drop(DropReason.KeyNotFound);
        }

        if (!isOutbound && decision.Reason == DropReason.KeyNotFound && Engine.FindConnection(_pair) is null && _registry.Find(_pair) is null)
        {
            _registry.Resolve(_pair)?.Model.CountKeyNotFound();
        }

        return decision;
    }

    /// <inheritdoc/>
    public void OnEvent(in AoEvent aoEvent)
    {
        if (aoEvent.Kind == AoEventKind.Established)
        {
            _established = Engine.FindConnection(aoEvent.Pair);
        }
        else if (aoEvent.Kind == AoEventKind.SynAckNoKey)
        {
            // nothing comes of that handshake
            ShowHandshake(aoEvent.Pair);
        }

        _told.OnEvent(aoEvent);
    }

    /// <summary>
    /// A SYN goes out: whose is it? Where its socket was closed while it was on its way here, nobody knows which keys it had, and nobody waits for an answer: it does not leave.
    /// </summary>
    /// <returns>False where it must not leave.</returns>
    private bool BeginConnect(in SegmentContext context)
    {
        ProgramSocket? before = _registry.FindOwner(_pair);
        if (_registry.FindInKernel(_pair) is not { State: not TcpState.Listen } inKernel)
        {
            return false;
        }

        ProgramSocket? socket = _registry.Find(inKernel.Cookie);
        if (socket is not null && socket.Model.CheckConnect(FactsOf(socket, TcpState.Closed, null, context.Time)) != LinuxErrno.None)
        {
            // a thread led connect() past our check: there is no key for this peer
            return false;
        }

        if (before is not null && !ReferenceEquals(before, socket))
        {
            _registry.Unbind(_pair, before);
        }

        if (socket is not null)
        {
            _registry.Bind(_pair, socket);
            _connecting = socket;
        }

        return true;
    }

    /// <summary>What came for a socket that is gone is neither counted nor answered: a kernel does not answer a signed segment to a port that nobody has.</summary>
    private bool IsForNobody() => Engine.FindConnection(_pair) is null && _registry.FindOwner(_pair) is null && _registry.FindInKernel(_pair) is null;

    private void Connected(ProgramSocket socket, in SegmentContext context)
    {
        AoConnection? connection = Engine.FindConnection(_pair);
        if (ReferenceEquals(socket.Connection, connection) && socket.Pair == _pair)
        {
            // the same SYN, sent again
            return;
        }

        socket.Pair = _pair;
        socket.Connection = connection;
        _ = socket.Model.Connect(FactsOf(socket, TcpState.SynSent, connection, context.Time));
    }

    /// <summary>The handshake of a listener's connection is over: it gets a socket of its own.</summary>
    /// <returns>False where the listener has no key for it any more.</returns>
    private bool Accepted(AoConnection connection, in SegmentContext context)
    {
        if (_registry.ResolveListener(_pair) is not { } listener)
        {
            // closed meanwhile: the kernel ends the connection, and its reset is signed with the keys that the engine has
            return true;
        }

        TcpSocket? found = _registry.FindInKernel(_pair);
        if (listener.Model.Establish(FactsOf(listener, TcpState.Established, connection, context.Time)) is not { } model)
        {
            Engine.Forget(_pair);
            return false;
        }

        ulong cookie = found is { State: not TcpState.Listen } own ? own.Cookie : 0;
        _registry.Add(new ProgramSocket(cookie, listener.Family, model) { Pair = _pair, Connection = connection, BoundDevice = listener.BoundDevice, IsInVrf = listener.IsInVrf });
        return true;
    }

    private SocketFacts FactsOf(ProgramSocket socket, TcpState state, AoConnection? connection, EngineTime time) => new(socket.Family, state)
    {
        Time = time,
        BoundDevice = socket.BoundDevice,
        Pair = _pair,
        HasPeer = true,
        Connection = connection,
    };
}
