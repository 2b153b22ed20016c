using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;

namespace TcpAo.Tests.Simulation;

/// <summary>A model TCP behind an engine. It checks every decision: what leaves is signed, what is forged stays out, counters tell the same.</summary>
internal sealed class SimulatedEnd
{
    private readonly byte[] _buffer = new byte[256];
    private readonly AoCounters _expected = new();
    private IKeySource _keys;
    private AoEngine _engine;

    public SimulatedEnd(SocketPair pair, IKeySource keys)
    {
        Pair = pair;
        _keys = keys;
        _engine = new AoEngine(keys);
    }

    public SocketPair Pair { get; }

    public ModelTcp Tcp { get; set; } = null!;

    public AoConnection? Connection => _engine.FindConnection(Pair);

    /// <summary>Whether a segment under a key that was left may come late: then it is refused, and sent again under the next.</summary>
    public bool MayMissKeys { get; set; }

    /// <summary>
    /// Whether the stack took the SYN of an earlier connection, which an attacker may replay: until it is rid of it, the ends disagree on ISNs.
    /// </summary>
    public bool IsConfused { get; set; }

    public required Func<bool> IsPeerConfused { get; init; }

    public int Restarts { get; private set; }

    public int Attacks { get; private set; }

    public DropReason LastRefusal { get; private set; }

    public string? Fault { get; set; }

    public static EngineTime TimeAt(long now) => new(EngineEnd.Epoch.AddMilliseconds(now), now);

    public void Use(IKeySource keys)
    {
        _keys = keys;
        _engine.UseKeys(keys);
    }

    public byte[]? Outbound(byte[] packet, long now)
    {
        packet.CopyTo(_buffer, 0);
        AoDecision decision = _engine.ProcessOutbound(_buffer, packet.Length, new SegmentContext(TimeAt(now)));
        switch (decision.Verdict)
        {
            case AoVerdict.Rewrite:
                TcpPacket.TryParse(_buffer.AsSpan(0, decision.Length), out TcpPacket signed);
                Fault ??= signed.HasAo ? null : "A packet was rewritten and is not signed.";
                return _buffer[..decision.Length];
            case AoVerdict.Pass:
                Fault ??= "An unsigned segment left.";
                return null;
            default:
                Fault ??= $"A segment of ours was held back: {decision.Reason}.";
                return null;
        }
    }

    /// <summary>Offers a packet from the network.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="origin">Who made it.</param>
    /// <param name="now">The time.</param>
    public void Inbound(byte[] packet, PacketKind origin, long now)
    {
        packet.CopyTo(_buffer, 0);
        bool isHandshake = Connection is { State: ConnectionState.SynReceived, Protection: Protection.Signed };
        AoDecision decision = _engine.ProcessInbound(_buffer, packet.Length, new SegmentContext(TimeAt(now)));

        // as Linux counts a handshake that was signed and does not end so
        _expected.Count(isHandshake && decision.Reason == DropReason.AoRequired ? DropReason.MacMismatch : decision.Reason);
        if (origin == PacketKind.Forged)
        {
            Attacks++;
            Fault ??= decision.Verdict == AoVerdict.Drop ? null : $"A forged segment passed: {Convert.ToHexString(packet)}.";
            return;
        }

        if (decision.Verdict == AoVerdict.Drop)
        {
            LastRefusal = decision.Reason;
            bool isExpected = origin == PacketKind.Replayed
                || decision.Reason == DropReason.IsnUnknown
                || ((IsConfused || IsPeerConfused()) && decision.Reason == DropReason.MacMismatch)
                || (MayMissKeys && decision.Reason == DropReason.KeyNotFound);
            Fault ??= isExpected ? null : $"An honest segment was refused: {decision.Reason}.";
            return;
        }

        IsConfused |= origin == PacketKind.Replayed && Tcp.State is ModelTcp.Stage.Listen or ModelTcp.Stage.SynReceived;
        Tcp.OnPacket(packet, now);
    }

    /// <summary>The engine dies; the next one knows what was saved.</summary>
    public void Restart(long now)
    {
        Restarts++;
        CheckCounters();
        SavedConnection? saved = Connection?.Save();
        _engine = new AoEngine(_keys);
        ResetExpected();
        if (saved is { } connection)
        {
            Fault ??= _engine.Restore(connection, TimeAt(now)) is null ? "A connection could not be restored." : null;
        }
    }

    public void Close(long now) => _engine.Close(Pair, TimeAt(now));

    public void CheckCounters()
    {
        AoCounters counters = _engine.Counters;
        bool isEqual = counters.Good == _expected.Good && counters.Bad == _expected.Bad && counters.KeyNotFound == _expected.KeyNotFound
            && counters.Required == _expected.Required && counters.DroppedIcmps == 0;
        Fault ??= isEqual ? null : $"Counters: good {counters.Good} of {_expected.Good}, bad {counters.Bad} of {_expected.Bad}, "
            + $"not found {counters.KeyNotFound} of {_expected.KeyNotFound}, required {counters.Required} of {_expected.Required}.";
    }

    private void ResetExpected()
    {
        _expected.Good = _expected.Bad = _expected.KeyNotFound = _expected.Required = 0;
    }
}

/// <summary>Who made a packet that arrives.</summary>
internal enum PacketKind
{
    /// <summary>The other end.</summary>
    Honest,

    /// <summary>The other end, in an earlier connection; the attacker kept it.</summary>
    Replayed,

    /// <summary>The attacker.</summary>
    Forged,
}
