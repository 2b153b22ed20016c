using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Keys;
using Xunit;

namespace TcpAo.Tests.Properties;

/// <summary>A table answers as a scan of everything does.</summary>
public sealed class TableLaws
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Gen<MasterKeyTuple> s_tuple =
        from match in MatchGenerators.Match
        from sendId in Gen.Choose(0, 7)
        from recvId in Gen.Choose(0, 7)
        select Matches.Mkt(match, sendId, recvId);

    private static readonly Gen<ConnectionMatch[]> s_peer = MatchGenerators.ArrayOf(MatchGenerators.Match, 3).Generator;

    [Fact]
    [Requirement("R-018")]
    public void Additions_AnyTuples_AreRefusedExactlyWhereIdsOverlap() => Check.One(s_config, Prop.ForAll(
        MatchGenerators.ArrayOf(s_tuple, 40),
        tuples =>
        {
            MktTableBuilder builder = new();
            List<MasterKeyTuple> kept = [];
            foreach (MasterKeyTuple tuple in tuples)
            {
                List<MasterKeyTuple> clashes = kept.FindAll(other => Clash(tuple, other));
                MktAddResult result = builder.TryAdd(tuple);
                if (result.IsAdded ? clashes.Count > 0 : !clashes.Contains(result.Other))
                {
                    return false;
                }

                if (result.IsAdded)
                {
                    kept.Add(tuple);
                }
                else if (kept.Count % 3 == 0)
                {
                    // some go again, so that the index is also tried after removals
                    kept.Remove(result.Other);
                    builder.Remove(result.Other);
                }
            }

            return builder.Build().Tuples.SequenceEqual(kept);
        }));

    [Fact]
    [Requirement("R-021", "R-023")]
    public void Lookups_AnyTable_AnswerAsAScan() => Check.One(s_config, Prop.ForAll(
        MatchGenerators.ArrayOf(s_tuple, 40),
        MatchGenerators.ArrayOf(MatchGenerators.Pair, 40),
        (tuples, pairs) =>
        {
            MktTable table = tuples.Aggregate(MktTable.Empty, (sofar, tuple) =>
            {
                sofar.TryAdd(tuple, out MktTable next);
                return next;
            });
            MasterKeyTuple[] found = new MasterKeyTuple[MktTable.MaxMatching];
            return pairs.All(pair =>
            {
                MasterKeyTuple[] scanned = [.. table.Tuples.Where(tuple => tuple.Match.Matches(pair)).Reverse()];
                int count = table.GetMatching(pair, found);
                return found.AsSpan(0, count).SequenceEqual(scanned)
                    && Enumerable.Range(0, 8).All(id =>
                        table.FindByRecvId(pair, (byte)id) == scanned.SingleOrDefault(tuple => tuple.Key.RecvId == id)
                        && table.FindBySendId(pair, (byte)id) == scanned.SingleOrDefault(tuple => tuple.Key.SendId == id));
            });
        }));

    [Fact]
    public void Peers_AnyPolicy_TieOrAnswerAsAScan() => Check.One(s_config, Prop.ForAll(
        MatchGenerators.ArrayOf(s_peer, 12),
        MatchGenerators.ArrayOf(MatchGenerators.Pair, 40),
        (peers, pairs) =>
        {
            // drop the peers that tie, so that most cases get as far as a lookup
            List<ConnectionMatch[]> sound = [];
            foreach (ConnectionMatch[] peer in peers)
            {
                bool ties = sound.Exists(other => Tie(peer, other));
                PeerTable<int>? attempt = PeerTable.Build(Number([.. sound, peer]), out ImmutableArray<PeerTie> told);
                if (ties != (attempt is null) || ties != told.Any(tie => tie.FirstMatch.Overlaps(tie.SecondMatch)))
                {
                    return false;
                }

                if (!ties)
                {
                    sound.Add(peer);
                }
            }

            PeerTable<int> table = PeerTable.Build(Number(sound), out _)!;
            return pairs.All(pair =>
            {
                int expected = Number(sound)
                    .SelectMany(peer => peer.Matches.Where(match => match.Matches(pair)).Select(match => (match.Specificity, peer.Value)))
                    .OrderByDescending(candidate => candidate.Specificity)
                    .Select(candidate => candidate.Value)
                    .FirstOrDefault(-1);
                return table.TryFind(pair, out int owner) ? owner == expected : expected == -1;
            });
        }));

    [Fact]
    public void Overlap_AnyTwoMatches_HoldsIfAConnectionIsInBoth() => Check.One(s_config, Prop.ForAll(
        MatchGenerators.ArrayOf(MatchGenerators.Match, 10),
        MatchGenerators.ArrayOf(MatchGenerators.Pair, 40),
        (matches, pairs) => matches.All(one => matches.All(other =>
            one.Overlaps(other) == other.Overlaps(one)
            && (one.Overlaps(other) || !pairs.Any(pair => one.Matches(pair) && other.Matches(pair)))))));

    private static bool Clash(MasterKeyTuple one, MasterKeyTuple other) =>
        (one.Key.SendId == other.Key.SendId || one.Key.RecvId == other.Key.RecvId) && one.Match.Overlaps(other.Match);

    private static bool Tie(ConnectionMatch[] one, ConnectionMatch[] other) =>
        one.Any(a => other.Any(b => a.Specificity == b.Specificity && a.Overlaps(b)));

    private static IEnumerable<(string Name, ConnectionMatch[] Matches, int Value)> Number(IEnumerable<ConnectionMatch[]> peers) =>
        peers.Select((matches, i) => ($"p{i}", matches, i));
}
