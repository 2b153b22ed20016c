using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Fuzz.Engine;

/// <summary>Two engines that are peers, with their clock.</summary>
internal sealed class EnginePair
{
    private readonly PairSetup _setup;
    private readonly FixedKeySource[] _sourcesOfA;
    private readonly FixedKeySource[] _sourcesOfB;

    private EnginePair(PairSetup setup)
    {
        _setup = setup;
        _sourcesOfA = [.. Rings(first: true).Select(ring => new FixedKeySource(PolicyOfA(ring)))];
        _sourcesOfB = [.. Rings(first: false).Select(ring => new FixedKeySource(PolicyOfB(ring)))];
        AoEngineOptions options = new() { StripVerified = setup.StripVerified, AcceptHandshakeAckWithoutSyn = setup.AcceptHandshakeAck, MaxConnections = 16 };
        A = new AoEngine(_sourcesOfA[0], options);
        B = new AoEngine(_sourcesOfB[0], new AoEngineOptions { MaxConnections = 16 });
    }

    public AoEngine A { get; }

    public AoEngine B { get; }

    public EngineTime Time { get; private set; } = new(FuzzKeys.Start, 0);

    public SegmentContext Context => new(Time);

    public static EnginePair Create(PairSetup setup) => new(setup);

    public void Advance(TimeSpan utc, long milliseconds) => Time = new EngineTime(Time.Utc + utc, Time.Monotonic + milliseconds);

    public void UseKeysOfA(int index) => A.UseKeys(_sourcesOfA[index % _sourcesOfA.Length]);

    public void UseKeysOfB(int index) => B.UseKeys(_sourcesOfB[index % _sourcesOfB.Length]);

    /// <summary>Takes a packet from one end to the other and returns it as it was on the wire.</summary>
    public byte[] Carry(byte[] packet, bool fromA)
    {
        byte[] buffer = new byte[packet.Length + AoEngine.MaxGrowth];
        packet.CopyTo(buffer, 0);
        AoDecision sent = (fromA ? A : B).ProcessOutbound(buffer, packet.Length, Context);
        byte[] wire = sent.Verdict == AoVerdict.Rewrite ? buffer[..sent.Length] : packet;
        (fromA ? B : A).ProcessInbound([.. wire], wire.Length, Context);
        return wire;
    }

    private KeyRing[] Rings(bool first) => _setup.UsesMd5 ? [FuzzKeys.Md5, KeyRing.Empty] : FuzzKeys.RingsOf(first);

    private ConnectionPolicy PolicyOfA(KeyRing ring) => new("peer-b", ring)
    {
        Mode = _setup.Mode,
        Scope = _setup.Scope,
        UnknownKey = _setup.UnknownKey,
        Nat = _setup.Nat,
    };

    private ConnectionPolicy PolicyOfB(KeyRing ring) => new("peer-a", ring)
    {
        Nat = (_setup.Nat & NatSides.Local) == NatSides.Local ? NatSides.Remote : NatSides.None,
    };
}
