using TcpAo.Connections;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;

namespace TcpAo.Tests.Simulation;

/// <summary>
/// Two engines through the ten keys of a chain: clocks that differ and are set, a network that loses and reorders, silences, restarts, further connections. The network may lose
/// segments; keys may not: what a stack sends leaves signed, and what arrives verifies.
/// </summary>
internal sealed class RolloverRun
{
    private const int SegmentsPerKey = 40;

    private readonly Random _random;
    private readonly RolloverShape _shape;
    private readonly KeyBoth[] _keys;
    private readonly Duo _duo;
    private readonly bool _restarts;
    private readonly PriorityQueue<(EngineEnd To, byte[] Packet, Action? Then), (long Time, int Order)> _network = new();
    private uint _offset;
    private ushort _port = 41000;
    private int _order;
    private string? _fault;

    public RolloverRun(Random random)
    {
        _random = random;
        _shape = RolloverShape.Draw(random);
        _keys = _shape.MakeKeys(random);
        _restarts = random.Next(3) == 0;
        _duo = new Duo(
            TestSource.Of([.. _keys.Select(key => key.Client)]),
            TestSource.Of([.. _keys.Select(key => key.Server)]),
            random.Next(2) == 0 ? Duo.IPv4 : Duo.IPv6)
        {
            Now = -_shape.Period / 2,
        };
    }

    public long Segments { get; private set; }

    public long LostByNetwork { get; private set; }

    public long KeyChanges { get; private set; }

    public long Connections { get; private set; }

    /// <summary>Runs until the last key is in use at both ends.</summary>
    /// <returns>Null, or what went wrong.</returns>
    public string? Run()
    {
        SetClocks();
        _duo.Open();
        long end = (RolloverShape.Keys * _shape.Period) + _shape.Overlap + _shape.Tolerance;
        while (_duo.Now < end && _fault is null)
        {
            Send(_random.NextDouble() < _shape.ClientShare ? _duo.Client : _duo.Server);
            Meddle();
            RunNetwork(_duo.Now + Pause());
        }

        RunNetwork(long.MaxValue);
        if (_fault is null)
        {
            CheckEnd();
        }

        KeyChanges = _duo.Client.Events.Concat(_duo.Server.Events).Count(e => e.Kind == Diagnostics.AoEventKind.CurrentKeyChanged);
        return _fault is null ? null : $"{_fault} {_shape}";
    }

    private long Pause() => _random.Next(12) switch
    {
        0 => 0,
        1 => _random.NextInt64(_shape.Period * 3),
        2 or 3 or 4 => _random.NextInt64(_shape.Delay + 1),
        _ => _random.NextInt64(_shape.Period / SegmentsPerKey * 2),
    };

    private void Meddle()
    {
        if (_random.Next(10) == 0)
        {
            SetClocks();
        }

        if (_restarts && _random.Next(25) == 0)
        {
            EngineEnd end = _random.Next(2) == 0 ? _duo.Client : _duo.Server;
            KeyChanges += end.Events.Count(e => e.Kind == Diagnostics.AoEventKind.CurrentKeyChanged);
            end.Restart();
        }

        if (_shape.CoversDelay && _random.Next(20) == 0)
        {
            OpenAnother();
        }

        CheckCommonKey(_duo.Client, _keys.Select(key => key.Client), _duo.Server, _keys.Select(key => key.Server));
        CheckCommonKey(_duo.Server, _keys.Select(key => key.Server), _duo.Client, _keys.Select(key => key.Client));
    }

    /// <summary>Both clocks are set, forward or back; they never differ by more than the tolerance.</summary>
    private void SetClocks()
    {
        _duo.Client.ClockError = TimeSpan.FromMilliseconds(_random.Next(3) switch { 0 => 0, 1 => _shape.Tolerance, _ => _random.NextInt64(_shape.Tolerance + 1) });
        _duo.Server.ClockError = TimeSpan.FromMilliseconds(_random.Next(3) switch { 0 => 0, 1 => _shape.Tolerance, _ => _random.NextInt64(_shape.Tolerance + 1) });
    }

    private void Send(EngineEnd from)
    {
        const int Bytes = 4;
        _offset += Bytes;
        bool isClient = ReferenceEquals(from, _duo.Client);
        Transmit(from, isClient ? _duo.FromClient(_offset, Bytes) : _duo.FromServer(_offset, Bytes), mayLose: true);
    }

    private void Transmit(EngineEnd from, TestSegment segment, bool mayLose, Action? then = null)
    {
        byte[]? packet = from.Send(segment);
        Segments++;
        if (packet is null || from.Last.Verdict != AoVerdict.Rewrite)
        {
            _fault ??= $"{Name(from)} {from.Time.Utc:O}: a segment of its stack did not leave signed: {from.Last}.";
            return;
        }

        if (mayLose && _random.NextDouble() < _shape.Loss)
        {
            LostByNetwork++;
            return;
        }

        EngineEnd to = ReferenceEquals(from, _duo.Client) ? _duo.Server : _duo.Client;
        _network.Enqueue((to, packet, then), (_duo.Now + _random.NextInt64(_shape.Delay + 1), _order++));
    }

    private void RunNetwork(long until)
    {
        while (_network.TryPeek(out _, out (long Time, int Order) next) && next.Time <= until && _fault is null)
        {
            (EngineEnd to, byte[] packet, Action? then) = _network.Dequeue();
            _duo.Now = Math.Max(_duo.Now, next.Time);
            AoDecision decision = to.Receive(packet);
            if (decision != AoDecision.Pass)
            {
                TcpPacket.TryParse(packet, out TcpPacket parsed);
                _fault ??= $"{Name(to)} {to.Time.Utc:O} refused an honest segment [{parsed.Flags}] with ids {parsed.KeyId}/{parsed.RNextKeyId}: {decision.Reason}; "
                    + $"it knows {string.Join(", ", to.Engine.FindConnection(to.Pair)?.Keys.Keys.Select(key => $"{key.RecvId} {key.AcceptLifetime}") ?? [])}.";
                return;
            }

            then?.Invoke();
        }

        _duo.Now = until == long.MaxValue ? _duo.Now : Math.Max(_duo.Now, until);
    }

    /// <summary>Another connection between the two, from its SYN to its end.</summary>
    private void OpenAnother()
    {
        Connections++;
        uint isn = (uint)_random.Next();
        SocketPair pair = _duo.Client.Pair with { LocalPort = _port++ };
        var syn = new TestSegment(pair, TcpFlags.Syn, isn) { Options = Duo.SynOptions };
        var synAck = new TestSegment(pair.Reversed, TcpFlags.Syn | TcpFlags.Ack, ~isn, isn + 1) { Options = Duo.SynOptions };
        var ack = new TestSegment(pair, TcpFlags.Ack, isn + 1, ~isn + 1);
        Transmit(_duo.Client, syn, mayLose: false, () =>
            Transmit(_duo.Server, synAck, mayLose: false, () =>
                Transmit(_duo.Client, ack, mayLose: false, () =>
                {
                    _duo.Client.Engine.Forget(pair);
                    _duo.Server.Engine.Forget(pair.Reversed);
                })));
    }

    private void CheckCommonKey(EngineEnd sender, IEnumerable<AoKey> sending, EngineEnd receiver, IEnumerable<AoKey> accepting)
    {
        bool isThere = sending.Zip(accepting).Any(key => key.First.CanSend(sender.Time.Utc) && key.Second.CanAccept(receiver.Time.Utc));
        _fault ??= isThere ? null : $"No common key at {_duo.Now} ms.";
    }

    /// <summary>After what was said last both ends sign with the last key and ask for it.</summary>
    private void CheckEnd()
    {
        for (int i = 0; i < 2; i++)
        {
            Exchange(_duo.Client);
            Exchange(_duo.Server);
        }

        KeyBoth last = _keys[^1];
        bool isThere = ReferenceEquals(_duo.Client.Connection.CurrentKey, last.Client) && ReferenceEquals(_duo.Server.Connection.CurrentKey, last.Server)
            && ReferenceEquals(_duo.Client.Connection.RNextKey, last.Client) && ReferenceEquals(_duo.Server.Connection.RNextKey, last.Server);
        _fault ??= isThere && ReferenceEquals(KeyChainSelector.SendKey(_duo.Client.Connection.Keys.Keys.AsSpan(), _duo.Client.Time.Utc), last.Client)
            ? null
            : $"The last key is not in use at both ends: {_duo.Client.Connection.CurrentKey}, {_duo.Server.Connection.CurrentKey}.";
    }

    private void Exchange(EngineEnd from)
    {
        Send(from);
        RunNetwork(_duo.Now + _shape.Delay);
    }

    private string Name(EngineEnd end) => ReferenceEquals(end, _duo.Client) ? "client" : "server";
}
