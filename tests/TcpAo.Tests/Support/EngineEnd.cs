using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Support;

/// <summary>One engine at one end of a connection, with a clock and a record of its events.</summary>
internal sealed class EngineEnd : IAoObserver
{
    public static readonly DateTimeOffset Epoch = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly AoEngineOptions? _options;

    public EngineEnd(SocketPair pair, IKeySource keys, AoEngineOptions? options = null)
    {
        Pair = pair;
        Keys = keys;
        _options = options;
        Engine = new AoEngine(keys, options, this);
    }

    public SocketPair Pair { get; }

    public AoEngine Engine { get; private set; }

    public IKeySource Keys { get; private set; }

    public List<AoEvent> Events { get; } = [];

    /// <summary>Milliseconds since the test began; wall-clock time goes along.</summary>
    public long Now { get; set; }

    /// <summary>By how much the wall clock is wrong; it may be set at any time.</summary>
    public TimeSpan ClockError { get; set; }

    public EngineTime Time => new(Epoch.AddMilliseconds(Now) + ClockError, Now);

    public AoDecision Last { get; private set; }

    public AoConnection Connection => Engine.FindConnection(Pair) ?? throw new InvalidOperationException($"No connection {Pair}.");

    public IEnumerable<AoEventKind> Kinds => Events.Select(e => e.Kind);

    public AoEvent Event(AoEventKind kind) => Events.Single(e => e.Kind == kind);

    public void Use(IKeySource keys)
    {
        Keys = keys;
        Engine.UseKeys(keys);
    }

    /// <summary>What leaves of a packet of the local stack; null when it is held back.</summary>
    public byte[]? Send(byte[] packet)
    {
        byte[] buffer = Packets.WithRoom(packet, AoEngine.MaxGrowth);
        Last = Engine.ProcessOutbound(buffer, packet.Length, new SegmentContext(Time, Pair.Vrf));
        if (Last.Verdict == AoVerdict.Rewrite)
        {
            Packets.AssertSound(buffer.AsSpan(0, Last.Length));
            return buffer[..Last.Length];
        }

        return Last.Verdict == AoVerdict.Pass ? packet : null;
    }

    public byte[]? Send(TestSegment segment) => Send(segment.ToPacket());

    /// <summary>Sends a segment that must leave signed.</summary>
    public byte[] SendSigned(TestSegment segment)
    {
        byte[]? packet = Send(segment);
        Assert.Equal(DropReason.None, Last.Reason);
        Assert.Equal(AoVerdict.Rewrite, Last.Verdict);
        return packet!;
    }

    /// <summary>Offers a packet that arrived; the packet itself stays as it is.</summary>
    public AoDecision Receive(byte[] packet) => Last = Engine.ProcessInbound([.. packet], packet.Length, new SegmentContext(Time, Pair.Vrf));

    public void MustTake(byte[]? packet)
    {
        Assert.NotNull(packet);
        Assert.Equal(AoDecision.Pass, Receive(packet));
    }

    /// <summary>Offers a packet that must be refused, and checks that it leaves no trace but in counters .</summary>
    public void MustRefuse(byte[]? packet, DropReason reason)
    {
        Assert.NotNull(packet);
        SavedConnection? before = Engine.FindConnection(Pair)?.Save();
        int count = Engine.Connections.Count();
        Assert.Equal(AoDecision.Drop(reason), Receive(packet));
        Assert.Equal(before, Engine.FindConnection(Pair)?.Save());
        Assert.Equal(count, Engine.Connections.Count());
    }

    /// <summary>A new engine that knows of its connections only what was saved.</summary>
    public void Restart(Func<SavedConnection, SavedConnection>? change = null)
    {
        SavedConnection[] all = [.. Engine.Connections.Select(connection => connection.Save())];
        Engine = new AoEngine(Keys, _options, this);
        foreach (SavedConnection saved in all)
        {
            Assert.NotNull(Engine.Restore(change is null ? saved : change(saved), Time));
        }
    }

    void IAoObserver.OnEvent(in AoEvent aoEvent) => Events.Add(aoEvent);

    public static (byte KeyId, byte RNextKeyId) Ids(byte[]? packet)
    {
        Assert.NotNull(packet);
        TcpPacket.TryParse(packet, out TcpPacket parsed);
        Assert.True(parsed.HasAo);
        return (parsed.KeyId, parsed.RNextKeyId);
    }

    public static bool IsSigned(byte[]? packet)
    {
        Assert.NotNull(packet);
        TcpPacket.TryParse(packet, out TcpPacket parsed);
        return parsed.HasAo || parsed.HasMd5;
    }
}
