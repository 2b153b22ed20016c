using System.Text;
using TcpAo;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace SignASegment;

/// <summary>
/// One end of a connection: the little that its TCP stack must know (the next sequence number and the next one expected), and the engine
/// between the stack and the wire.
/// </summary>
internal sealed class End(SocketPair pair, uint isn)
{
    private AoEngine _engine = new(KeysFor(pair, []));
    private KeyRing _ring = KeyRing.Empty;
    private uint _next = isn;
    private uint _expected;
    private long _milliseconds;

    /// <summary>The connection as the engine knows it; the example asks only where there is one.</summary>
    public AoConnection Connection => _engine.FindConnection(pair)!;

    /// <summary>Why the last packet that arrived was dropped.</summary>
    public DropReason LastReason { get; private set; }

    /// <summary>Puts a set of keys into force; the engine's own answer to what that means for running connections is the point.</summary>
    public void UseKeys(params AoKey[] keys)
    {
        _ring = new KeyRing(keys);
        _engine.UseKeys(KeysFor(pair, keys));
    }

    /// <summary>The stack sends a packet; what comes out is what goes on the wire.</summary>
    public byte[] Send(TcpFlags flags, string text = "")
    {
        byte[] buffer = new byte[1500 + AoEngine.MaxGrowth];
        int length = PacketBuilder.Write(buffer, pair, flags, _next, _expected, Encoding.ASCII.GetBytes(text));
        TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
        _next += packet.SegmentSequenceLength;
        AoDecision decision = _engine.ProcessOutbound(buffer, length, Now());
        return decision.Verdict switch
        {
            AoVerdict.Rewrite => buffer[..decision.Length],
            AoVerdict.Pass => buffer[..length],
            _ => throw new InvalidOperationException($"The engine holds the packet back: {decision.Reason.ToName()}."),
        };
    }

    /// <summary>A packet arrives; true when the engine lets it through to the stack.</summary>
    public bool Receive(byte[] bytes)
    {
        byte[] buffer = [.. bytes];
        AoDecision decision = _engine.ProcessInbound(buffer, buffer.Length, Now());
        LastReason = decision.Reason;
        if (decision.Verdict == AoVerdict.Drop)
        {
            return false;
        }

        TcpPacket.TryParse(buffer, out TcpPacket packet);
        _expected = packet.Sequence + packet.SegmentSequenceLength;
        return InternetChecksum.VerifyTcp(packet);
    }

    /// <summary>The program ends and starts again: a new engine continues what the old one saved.</summary>
    public bool Restart()
    {
        SavedConnection saved = Connection.Save();
        _engine = new AoEngine(KeysFor(pair, [.. _ring.Keys]));
        return _engine.Restore(saved, Now().Time) is not null;
    }

    /// <summary>The socket is closed, and another is opened on the same ports with another ISN.</summary>
    public void Reopen(uint newIsn)
    {
        _engine.Close(pair, Now().Time);
        _next = newIsn;
        _expected = 0;
    }

    // the example has no clock either
    private SegmentContext Now() => new(new EngineTime(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero), _milliseconds += 10));

    private static PolicyKeySource KeysFor(in SocketPair pair, AoKey[] keys)
    {
        var match = new ConnectionMatch(IpPrefix.Host(pair.Remote), IpPrefix.Any, PortMatch.Any, PortMatch.Any);
        var policy = new ConnectionPolicy("peer", new KeyRing(keys)) { Mode = PeerMode.Required };
        return new PolicyKeySource(PeerTable.Build([("peer", new[] { match }, policy)], out _)!);
    }
}
