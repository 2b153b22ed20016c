using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// What one worker refused: a count for each reason, and the last causes with a sample each, bounded whatever comes. Causes are told apart by peer, address
/// and reason, not by port: a flood from made-up ports is one cause. Written on the worker's thread; read and hinted from any.
/// </summary>
/// <param name="findPolicy">Which peer a connection is with.</param>
/// <param name="ask">Takes a refused segment whose cause is to be looked for; false when it is busy.</param>
/// <param name="time">The clock.</param>
internal sealed class RefusalLog(Func<SocketPair, ConnectionPolicy?> findPolicy, Func<HintRequest, bool> ask, TimeProvider time)
{
    private const int MaxCauses = 64;
    private const int LongestSample = 2048;

    private static readonly int s_reasons = Enum.GetValues<DropReason>().Length;
    private static readonly TimeSpan s_betweenSearches = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_searchAgain = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Peer, IpAddressBits Remote, DropReason Reason), Refusal> _causes = [];
    private readonly long[] _droppedIn = new long[s_reasons];
    private readonly long[] _droppedOut = new long[s_reasons];
    private readonly long[] _wouldDrop = new long[s_reasons];
    private long _searchedAt;
    private long _evictedAt;

    /// <summary>Segments dropped for a reason.</summary>
    public long Dropped(DropReason reason) => Dropped(reason, isOutbound: false) + Dropped(reason, isOutbound: true);

    /// <summary>Segments of one direction dropped for a reason.</summary>
    public long Dropped(DropReason reason, bool isOutbound) => Interlocked.Read(ref (isOutbound ? _droppedOut : _droppedIn)[(int)reason]);

    /// <summary>Segments that passed in mode monitor and would have been dropped in another.</summary>
    public long WouldDrop(DropReason reason) => Interlocked.Read(ref _wouldDrop[(int)reason]);

    /// <summary>Notes a decision that has a reason. On the worker's thread.</summary>
    public void Note(ReadOnlySpan<byte> packet, bool isOutbound, in AoDecision decision, AoEngine engine, in SegmentContext context)
    {
        (decision.Verdict != AoVerdict.Drop ? _wouldDrop : isOutbound ? _droppedOut : _droppedIn)[(int)decision.Reason]++;

        // what cannot be read is counted, and cannot be laid at a peer's door
        if (TcpPacket.TryParse(packet, out TcpPacket segment) != DropReason.None)
        {
            return;
        }

        SocketPair pair = isOutbound ? AoEngine.OutboundPair(segment, context) : AoEngine.InboundPair(segment, context);
        AoConnection? connection = engine.FindConnection(pair);
        if ((connection?.Policy ?? findPolicy(pair)) is not { } policy)
        {
            return;
        }

        lock (_gate)
        {
            long now = time.GetTimestamp();
            if (Find(policy.Name, pair.Remote, decision.Reason, now) is not { } refusal)
            {
                return;
            }

            refusal.Count++;
            refusal.At = now;
            refusal.Pair = pair;
            refusal.IsOutbound = isOutbound;
            refusal.IsDropped = decision.Verdict == AoVerdict.Drop;
            refusal.Flags = segment.Flags;
            refusal.Ids = segment.HasAo ? (segment.KeyId, segment.RNextKeyId, segment.MacLength) : null;
            if (packet.Length <= LongestSample && IsDue(refusal, refusal.At))
            {
                var request = new HintRequest(packet.ToArray(), RefusedSegment.Note(pair, decision.Reason, policy, connection), hint => Take(refusal, hint));
                if (ask(request))
                {
                    refusal.SearchedAt = refusal.At;
                    _searchedAt = refusal.At;
                }
            }
        }
    }

    /// <summary>The causes, newest first.</summary>
    public IReadOnlyList<Refusal> Causes()
    {
        lock (_gate)
        {
            return [.. _causes.Values.OrderByDescending(refusal => refusal.At).Select(refusal => refusal.Copy())];
        }
    }

    /// <summary>Remembers a hint; true when it is news.</summary>
    private bool Take(Refusal refusal, MismatchHint? hint)
    {
        lock (_gate)
        {
            bool isNews = hint is not null && hint != refusal.Hint;
            refusal.Hint = hint ?? refusal.Hint;
            return isNews;
        }
    }

    private bool IsDue(Refusal refusal, long now) =>
        (refusal.SearchedAt == 0 || time.GetElapsedTime(refusal.SearchedAt, now) >= s_searchAgain)
        && (_searchedAt == 0 || time.GetElapsedTime(_searchedAt, now) >= s_betweenSearches);

    /// <summary>The cause; null when there are too many to remember another one so soon.</summary>
    private Refusal? Find(string peer, IpAddressBits remote, DropReason reason, long now)
    {
        if (_causes.TryGetValue((peer, remote, reason), out Refusal? refusal))
        {
            return refusal;
        }

        if (_causes.Count == MaxCauses)
        {
            // a flood from made-up addresses is not to cost much
            if (time.GetElapsedTime(_evictedAt, now) < s_betweenSearches)
            {
                return null;
            }

            // of the peer with the most causes, so that none crowds out the others
            _evictedAt = now;
            Refusal oldest = _causes.Values.GroupBy(cause => cause.Peer, StringComparer.Ordinal).MaxBy(group => group.Count())!.MinBy(cause => cause.At)!;
            _causes.Remove((oldest.Peer, oldest.Remote, oldest.Reason));
        }

        refusal = new Refusal(peer, remote, reason);
        _causes.Add((peer, remote, reason), refusal);
        return refusal;
    }
}
