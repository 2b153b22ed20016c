using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;

namespace TcpAo.Tests.Simulation;

/// <summary>
/// Two engines, each under a model TCP, and between them a network that loses, duplicates and reorders; everything follows from a seed and a
/// virtual clock in milliseconds.
/// </summary>
internal sealed class EnginePair
{
    private const long Limit = 120_000;
    private const int MaxAttacksPerPacket = 2;

    private readonly PriorityQueue<Arrival, (long Time, int Order)> _network = new();
    private readonly List<byte[]> _earlier = [];
    private readonly List<byte[]> _seen = [];
    private readonly HashSet<uint> _usedIsns = [];
    private readonly Random _random;
    private readonly Attacker? _attacker;
    private readonly double _loss;
    private readonly double _duplication;
    private readonly int _delay;
    private int _order;
    private int _peerBytes;

    public EnginePair(Random random, SocketPair pair, IKeySource clientKeys, IKeySource serverKeys, bool isAttacked, bool includeTcpOptions)
    {
        _random = random;
        _attacker = isAttacked ? new Attacker(random, includeTcpOptions) : null;
        _loss = random.Next(3) * 0.08;
        _duplication = random.Next(3) * 0.08;
        _delay = random.Next(2) == 0 ? 2 : 60;
        Client = new SimulatedEnd(pair, clientKeys) { IsPeerConfused = () => Server!.IsConfused };
        Server = new SimulatedEnd(pair.Reversed, serverKeys) { IsPeerConfused = () => Client.IsConfused };
    }

    public SimulatedEnd Client { get; }

    public SimulatedEnd Server { get; }

    public long Now { get; private set; }

    public int Packets { get; private set; }

    /// <summary>Runs one connection from the first SYN until both ends are done and the network is empty.</summary>
    /// <param name="both">Whether both ends open it.</param>
    /// <param name="meddle">Is called at each step: rolls keys, restarts engines.</param>
    /// <param name="until">The most that it may take, in milliseconds.</param>
    /// <returns>Null, or what went wrong.</returns>
    public string? RunConnection(bool both, Action<EnginePair>? meddle = null, long until = Limit)
    {
        Client.Tcp = NewTcp(Client, Server, out int clientBytes, null);
        Server.Tcp = NewTcp(Server, Client, out _, clientBytes);
        Client.IsConfused = Server.IsConfused = false;
        Client.Tcp.Begin(0x5A, opens: true, Now);
        Server.Tcp.Begin(0xA5, both, Now);
        long end = Now + until;
        while (!IsOver && Fault is null)
        {
            Step();
            meddle?.Invoke(this);
            if (Now > end)
            {
                return $"Not over after {until} ms: client {Client.Tcp.State} {Client.Tcp.BytesReceived}, server {Server.Tcp.State} {Server.Tcp.BytesReceived}, "
                    + $"last refusals: {Client.LastRefusal} and {Server.LastRefusal}; client {Describe(Client)}, server {Describe(Server)}.";
            }
        }

        Client.CheckCounters();
        Server.CheckCounters();
        return Fault;
    }

    /// <summary>Both sockets are gone; what the attacker saw becomes what it replays.</summary>
    public void Close()
    {
        Client.Close(Now);
        Server.Close(Now);
        Now += 1000;
    }

    /// <summary>Bytes each way are chosen once for the pair of endpoints.</summary>
    private ModelTcp NewTcp(SimulatedEnd end, SimulatedEnd other, out int bytes, int? expected)
    {
        int mine = expected is null ? _random.Next(0, 700) : _peerBytes;
        _peerBytes = expected is null ? _random.Next(0, 700) : 0;
        int theirs = expected ?? _peerBytes;
        bytes = mine;
        uint isn;
        do
        {
            isn = _random.Next(4) switch
            {
                0 => uint.MaxValue,
                1 => uint.MaxValue - (uint)_random.Next(0, 800),
                2 => (uint)_random.Next(0, 3),
                _ => (uint)_random.NextInt64(uint.MaxValue),
            };
        }
        while (!_usedIsns.Add(isn)); // with the same ISNs an earlier connection's segments would be right (R-042)
        return new ModelTcp(end.Pair, isn, mine, packet => Transmit(packet, end, other))
        {
            BytesExpected = theirs,
            ResetsAtEnd = expected is null && _random.Next(4) == 0,
        };
    }

    private static string Describe(SimulatedEnd end) =>
        $"signs with {end.Connection?.CurrentKey}, asks for {end.Connection?.RNextKey}, knows {string.Join(", ", end.Connection?.Keys.Keys ?? [])}";

    private bool IsOver => Client.Tcp.IsDone && Server.Tcp.IsDone && _network.Count == 0;

    private string? Fault => Client.Fault ?? Server.Fault ?? Client.Tcp.Fault ?? Server.Tcp.Fault;

    private void Transmit(byte[] packet, SimulatedEnd from, SimulatedEnd to)
    {
        if (from.Outbound(packet, Now) is not { } signed)
        {
            return;
        }

        Packets++;
        if (_random.NextDouble() >= _loss)
        {
            Deliver(signed, to, PacketKind.Honest);
        }

        if (_random.NextDouble() < _duplication)
        {
            Deliver(signed, to, PacketKind.Honest);
        }

        if (_attacker is not null)
        {
            Attack(signed, to);
        }
    }

    private void Attack(byte[] signed, SimulatedEnd to)
    {
        for (int i = _random.Next(MaxAttacksPerPacket + 1); i > 0; i--)
        {
            Deliver(_attacker!.Forge(signed), to, PacketKind.Forged);
        }

        // earlier connections had other ISNs: what they sent is worth nothing, but a SYN of theirs verifies
        if (_earlier.Count > 0 && _random.Next(4) == 0)
        {
            byte[] old = _earlier[_random.Next(_earlier.Count)];
            Deliver(old, to, PacketKind.Replayed);
        }

        if (_earlier.Count < 60)
        {
            _seen.Add(signed);
        }
    }

    /// <summary>From now on packets of the past are replayed.</summary>
    public void TurnPage()
    {
        _earlier.AddRange(_seen);
        _seen.Clear();
    }

    private void Deliver(byte[] packet, SimulatedEnd to, PacketKind kind) =>
        _network.Enqueue(new Arrival(packet, to, kind), (Now + 1 + _random.Next(_delay), _order++));

    private void Step()
    {
        long timer = Math.Min(Client.Tcp.TimerAt, Server.Tcp.TimerAt);
        if (_network.TryPeek(out _, out (long Time, int Order) next) && next.Time <= timer)
        {
            Arrival arrival = _network.Dequeue();
            Now = Math.Max(Now, next.Time);
            arrival.To.Inbound(arrival.Packet, arrival.Kind, Now);
            return;
        }

        if (timer == long.MaxValue)
        {
            Client.Fault ??= $"Nothing is under way and not all is done: client {Client.Tcp.State}, server {Server.Tcp.State}.";
            return;
        }

        Now = Math.Max(Now, timer);
        (Client.Tcp.TimerAt <= Now ? Client : Server).Tcp.OnTimer(Now);
    }

    private readonly record struct Arrival(byte[] Packet, SimulatedEnd To, PacketKind Kind);
}
