using TcpAo.Connections;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>What an engine has kept of its connections, and when .</summary>
public sealed class ConnectionStoreTests
{
    private static readonly KeyBoth s_key = KeyBoth.Of();

    [Fact]
    [Requirement("R-090")]
    public void Connection_EveryStepOfAHandshake_IsKeptBeforeTheDecision()
    {
        var store = new Recorder();
        var duo = new Duo(s_key);
        AoEngine engine = NewEngine(store);

        AoDecision syn = Outbound(engine, duo.Syn.ToPacket(), out byte[] signed);

        Assert.Equal(AoVerdict.Rewrite, syn.Verdict);
        Assert.Equal((ConnectionState.SynSent, duo.ClientIsn), (store.Last.State, store.Last.LocalIsn));
        duo.Server.MustTake(signed);
        Inbound(engine, duo.Server.Send(duo.SynAck)!);
        Assert.Equal((ConnectionState.Synchronized, duo.ServerIsn), (store.Last.State, store.Last.RemoteIsn));
    }

    [Fact]
    [Requirement("R-051")]
    public void Connection_OrdinaryData_IsNotKeptWithEverySegment()
    {
        var store = new Recorder();
        Duo duo = Open(store, out AoEngine engine);
        int before = store.Kept;

        for (uint i = 0; i < 100; i++)
        {
            Outbound(engine, duo.FromClient(i * 1000, 1000).ToPacket(), out _);
        }

        Assert.Equal(before, store.Kept);
    }

    [Fact]
    [Requirement("R-051")]
    public void Connection_SequenceNumberFarOn_IsKeptLongBeforeTheSneCouldBeLost()
    {
        var store = new Recorder();
        Duo duo = Open(store, out AoEngine engine);
        uint step = 1u << 30;

        for (uint i = 1; i <= 8; i++)
        {
            Outbound(engine, duo.FromClient(unchecked(i * step), 10).ToPacket(), out _);
            ulong kept = ((ulong)store.Last.SendSne << 32) | store.Last.SendSequence;
            Assert.InRange(kept, (i * (ulong)step) - (1u << 28), (i * (ulong)step) + (1u << 28));
        }
    }

    [Fact]
    [Requirement("R-090")]
    public void Connection_ClosedAndItsTimeOver_IsForgotten()
    {
        var store = new Recorder();
        Duo duo = Open(store, out AoEngine engine);

        engine.Close(duo.Client.Pair, duo.Client.Time);
        Assert.Equal(ConnectionState.Closed, store.Last.State);
        engine.Tick(new EngineTime(duo.Client.Time.Utc, 1_000_000));

        Assert.Equal([duo.Client.Pair], store.Forgotten);
    }

    private static Duo Open(Recorder store, out AoEngine engine)
    {
        var duo = new Duo(s_key);
        engine = NewEngine(store);
        Outbound(engine, duo.Syn.ToPacket(), out byte[] syn);
        duo.Server.MustTake(syn);
        Inbound(engine, duo.Server.Send(duo.SynAck)!);
        return duo;
    }

    private static AoEngine NewEngine(Recorder store) => new(TestSource.Of(s_key.Client), store: store);

    private static AoDecision Outbound(AoEngine engine, byte[] packet, out byte[] signed)
    {
        byte[] buffer = Wire.Packets.WithRoom(packet);
        AoDecision decision = engine.ProcessOutbound(buffer, packet.Length, new SegmentContext(new EngineTime(EngineEnd.Epoch, 0)));
        signed = buffer[..decision.Length];
        return decision;
    }

    private static void Inbound(AoEngine engine, byte[] packet) =>
        Assert.Equal(AoVerdict.Pass, engine.ProcessInbound(packet, packet.Length, new SegmentContext(new EngineTime(EngineEnd.Epoch, 0))).Verdict);

    private sealed class Recorder : IConnectionStore
    {
        public int Kept { get; private set; }

        public SavedConnection Last { get; private set; }

        public List<SocketPair> Forgotten { get; } = [];

        public void Keep(AoConnection connection)
        {
            Kept++;
            Last = connection.Save();
        }

        public void Forget(AoConnection connection) => Forgotten.Add(connection.Pair);
    }
}
