namespace TcpAo.Keys;

/// <summary>Finds the peers of a policy that tie (RFC 5925 section 3.3, R-021): by hash probes, not by comparing each with each.</summary>
internal sealed class PeerTieFinder
{
    // a tie needs equal specificity, so each specificity has an index of its own
    private readonly Dictionary<long, OverlapIndex> _bySpecificity = [];
    private readonly List<(string Name, List<ConnectionMatch> Matches)> _peers = [];
    private readonly HashSet<(int First, int Second)> _told = [];

    /// <summary>What was found, once for each two peers.</summary>
    public List<PeerTie> Ties { get; } = [];

    /// <summary>How many hash tables were asked; for the tests.</summary>
    public long Probes => _bySpecificity.Values.Sum(static index => index.Probes);

    /// <summary>The matches that follow belong to one peer.</summary>
    public void BeginPeer(string name) => _peers.Add((name, []));

    /// <summary>Adds a match of the peer that was begun.</summary>
    public void Add(ConnectionMatch match, List<MatchBlock> blocks)
    {
        int self = _peers.Count - 1;
        long specificity = match.Specificity;
        if (!_bySpecificity.TryGetValue(specificity, out OverlapIndex? index))
        {
            index = new OverlapIndex();
            _bySpecificity.Add(specificity, index);
        }

        int other = index.FindOther(blocks, 0, self);
        if (other < 0)
        {
            _peers[self].Matches.Add(match);
            index.Add(blocks, 0, self);
        }
        else if (_told.Add((other, self)))
        {
            ConnectionMatch theirs = _peers[other].Matches.Find(candidate => candidate.Specificity == specificity && candidate.Overlaps(match))!;
            Ties.Add(new PeerTie(_peers[other].Name, theirs, _peers[self].Name, match));
        }
    }
}
