using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>The connections of a capture, bounded: beyond the bound those not seen for longest are given up, and only failures stay for the summary.</summary>
internal sealed class VerifiedConnections
{
    private const int MaxConnections = 50_000;
    private const int MaxKeptSummaries = 10_000;

    private readonly IKeySource? _peers;
    private readonly Dictionary<SocketPair, KnownIsns> _knownIsns = [];
    private readonly Dictionary<SocketPair, Entry> _entries = [];
    private readonly List<ConnectionSummary> _keptSummaries = [];
    private Entry? _last;
    private long _count;

    public VerifiedConnections(IKeySource? peers, IEnumerable<KnownIsns> knownIsns)
    {
        _peers = peers;
        foreach (KnownIsns known in knownIsns)
        {
            SocketPair pair = known.Pair;
            _knownIsns[CapturedConnection.Normalize(new(pair.Local, pair.LocalPort), new(pair.Remote, pair.RemotePort), out _)] = known;
        }
    }

    public long Count => _count + _entries.Values.Sum(entry => entry.Connection.Summary.Lives - 1L);

    public int Remembered => _entries.Count;

    public IEnumerable<ConnectionSummary> Summaries =>
        _keptSummaries.Concat(_entries.Values.OrderBy(entry => entry.FirstFrame).Select(entry => entry.Connection.Summary));

    public CapturedConnection Get(in SocketPair pair, long frame, out bool isNew)
    {
        // captures are bursts of one connection
        if (_last is { } last && last.Connection.Pair == pair)
        {
            last.LastFrame = frame;
            isNew = false;
            return last.Connection;
        }

        isNew = !_entries.TryGetValue(pair, out Entry? entry);
        if (entry is null)
        {
            if (_entries.Count >= MaxConnections)
            {
                GiveUpOldest();
            }

            entry = new Entry(new CapturedConnection(pair, FindPeers(pair)), frame);
            _entries[pair] = entry;
            _count++;
            if (_knownIsns.TryGetValue(pair, out KnownIsns known))
            {
                entry.Connection.Told = known;
            }
        }

        entry.LastFrame = frame;
        _last = entry;
        return entry.Connection;
    }

    /// <summary>The connection of a pair, if it is remembered; it does not count as seen.</summary>
    public CapturedConnection? Find(in SocketPair pair) =>
        _last is { } last && last.Connection.Pair == pair ? last.Connection : _entries.GetValueOrDefault(pair)?.Connection;

    private List<KeyBinding> FindPeers(in SocketPair pair)
    {
        var bindings = new List<KeyBinding>();
        foreach (SocketPair oriented in (ReadOnlySpan<SocketPair>)[pair, pair.Reversed])
        {
            if (_peers?.Find(oriented) is { } policy)
            {
                bindings.Add(new KeyBinding(policy.Keys, oriented, policy.Nat));
            }
        }

        return bindings;
    }

    /// <summary>
    /// Those not seen for longest go, first those of which nothing is known: a flood of strangers does not make the verifier forget a quiet session.
    /// </summary>
    private void GiveUpOldest()
    {
        Entry[] oldest = [.. _entries.Values.OrderBy(entry => entry.Connection.IsKnown).ThenBy(entry => entry.LastFrame).Take(MaxConnections / 4)];
        foreach (Entry entry in oldest)
        {
            ConnectionSummary summary = entry.Connection.Summary;
            _entries.Remove(entry.Connection.Pair);
            _count += summary.Lives - 1;
            if (summary.FirstFailure is not null && _keptSummaries.Count < MaxKeptSummaries)
            {
                _keptSummaries.Add(summary);
            }
        }

        _last = null;
    }

    private sealed class Entry(CapturedConnection connection, long firstFrame)
    {
        public CapturedConnection Connection { get; } = connection;

        public long FirstFrame { get; } = firstFrame;

        public long LastFrame { get; set; } = firstFrame;
    }
}
