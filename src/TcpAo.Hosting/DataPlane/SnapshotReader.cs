using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control.Status;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Linux.Netfilter;
using TcpAo.Wire;

namespace TcpAo.Hosting.DataPlane;

/// <summary>Copies what the workers know, a piece at a time on their threads, so that segments wait for no more than one piece.</summary>
/// <param name="workers">All workers.</param>
/// <param name="time">The clock.</param>
internal sealed class SnapshotReader(IReadOnlyList<QueueWorker> workers, TimeProvider time)
{
    // about a tenth of a millisecond
    private const int Piece = 256;

    private static readonly ImmutableArray<DropReason> s_reasons = [.. Enum.GetValues<DropReason>().Where(reason => reason != DropReason.None)];

    /// <summary>The connections of all workers.</summary>
    public ImmutableArray<ConnectionStatus> Connections() => Read(connection => new ConnectionStatus(
        connection.Pair.LocalText,
        connection.Pair.RemoteText,
        connection.Policy.Name,
        NameOf(connection.State),
        NameOf(connection.Protection),
        connection.CurrentKey?.Name,
        connection.CurrentKey?.SendId,
        connection.RNextKey?.Name,
        connection.RNextKey?.RecvId,
        connection.LastKeyId,
        connection.LastRNextKeyId,
        connection.SendSne,
        connection.ReceiveSne,
        CountersOf([connection.Counters]))
    {
        CurrentKeySince = connection.CurrentKeySince,
        RnextKeySince = connection.RNextKeySince,
        LastKeySince = connection.LastKeySince,
    });

    /// <summary>Something of each connection of all workers.</summary>
    public ImmutableArray<T> Read<T>(Func<AoConnection, T> read)
    {
        ImmutableArray<T>.Builder all = ImmutableArray.CreateBuilder<T>();
        foreach (QueueWorker worker in workers)
        {
            AoConnection[] connections = [];
            worker.Do(() => connections = [.. worker.Engine.Connections]);
            for (int at = 0; at < connections.Length; at += Piece)
            {
                int from = at;
                worker.Do(() => all.AddRange(connections[from..Math.Min(from + Piece, connections.Length)].Select(read)));
            }
        }

        return all.ToImmutable();
    }

    /// <summary>The counters of all workers together.</summary>
    public CounterStatus Counters()
    {
        var counted = new List<AoCounters>();
        foreach (QueueWorker worker in workers)
        {
            // one number at a time is whole; all of them together need no more than that
            counted.Add(worker.Engine.Counters);
        }

        return CountersOf(counted) with { Refused = ByReason(static (log, reason) => log.Dropped(reason)), WouldRefuse = ByReason(static (log, reason) => log.WouldDrop(reason)) };
    }

    /// <summary>Segments dropped, by direction and reason, as attributes of metrics have them: reasons that count in a direction once they have, so that few series say nothing.</summary>
    public IEnumerable<(string Direction, string Result, long Count)> RefusedByDirection() =>
        from isOutbound in (bool[])[false, true]
        from reason in s_reasons
        let count = workers.Sum(worker => worker.Refusals?.Dropped(reason, isOutbound) ?? 0)
        where count > 0
        select (isOutbound ? "out" : "in", reason.ToName().Replace('-', '_'), count);

    /// <summary>The queues of the workers, as the kernel counts them.</summary>
    public ImmutableArray<QueueStatus> Queues()
    {
        var ours = workers.Select(worker => worker.Number).ToHashSet();
        return [.. NfQueueStatistics.Read().Where(queue => ours.Contains(queue.Queue)).Select(queue => new QueueStatus(queue.Queue, queue.Depth, queue.QueueDropped, queue.UserDropped))];
    }

    /// <summary>Key chains and what was counted for their keys.</summary>
    public ImmutableArray<KeyChainStatus> Chains(IReadOnlyList<KeyChain> chains, byte[] salt)
    {
        DateTimeOffset now = time.GetUtcNow();
        AoKey[] keys = [.. chains.SelectMany(chain => chain.Keys).Select(entry => entry.Key)];
        var counted = new Dictionary<AoKey, (ulong Good, ulong Bad)>();
        foreach (QueueWorker worker in workers)
        {
            foreach (AoKey[] piece in keys.Chunk(Piece))
            {
                // the first look makes the counters, which is for the worker alone to do
                worker.Do(() =>
                {
                    foreach (AoKey key in piece)
                    {
                        KeyCounters counters = worker.Engine.GetKeyCounters(key);
                        (ulong good, ulong bad) = counted.GetValueOrDefault(key);
                        counted[key] = (good + counters.Good, bad + counters.Bad);
                    }
                });
            }
        }

        return [.. chains.Select(chain => new KeyChainStatus(chain.Name, [.. chain.Keys.Select(entry => Key(entry, now, salt, counted[entry.Key]))])
        {
            SendKey = KeyChainSelector.SendKey(chain, now)?.SendId,
            RnextKey = KeyChainSelector.RNextKey(chain, now)?.RecvId,
            NextChange = NextOf(chain, now),
            SendsUntil = KeyChainTimeline.SendsUntil(chain, now),
            AcceptsUntil = KeyChainTimeline.AcceptsUntil(chain, now),
        })];
    }

    /// <summary>The causes of refusals of all workers, the newest first.</summary>
    public ImmutableArray<RefusalStatus> Refusals()
    {
        DateTimeOffset now = time.GetUtcNow();
        long timestamp = time.GetTimestamp();
        return [.. workers.SelectMany(worker => worker.Refusals?.Causes() ?? []).OrderByDescending(refusal => refusal.At).Select(refusal => new RefusalStatus(
            now - time.GetElapsedTime(refusal.At, timestamp),
            refusal.Peer,
            refusal.Pair.LocalText,
            refusal.Pair.RemoteText,
            refusal.IsOutbound ? "out" : "in",
            refusal.Reason.ToName(),
            refusal.IsDropped,
            LettersOf(refusal.Flags),
            refusal.Ids?.KeyId,
            refusal.Ids?.RNextKeyId,
            refusal.Ids?.MacLength,
            refusal.Count,
            refusal.Hint?.Name,
            refusal.Hint?.Sentence))];
    }

    /// <summary>A peer; its connections are counted among those given.</summary>
    public static PeerStatus Peer(PeerConfiguration peer, IEnumerable<ConnectionStatus> connections)
    {
        ConnectionStatus[] own = [.. connections];
        string ports = peer switch
        {
            { Port.IsAny: false } => peer.Port.ToString(),
            { LocalPort.IsAny: false, RemotePort.IsAny: false } => $"local {peer.LocalPort}, remote {peer.RemotePort}",
            { LocalPort.IsAny: false } => $"local {peer.LocalPort}",
            { RemotePort.IsAny: false } => $"remote {peer.RemotePort}",
            _ => "any",
        };
        return new PeerStatus(
            peer.Name,
            peer.Remote.ToString(),
            peer.Local.ToString(),
            ports,
            NameOf(peer.Mode),
            peer.KeyChain.Name,
            own.Length,
            own.Count(connection => string.Equals(connection.Protection, NameOf(Protection.Signed), StringComparison.Ordinal)));
    }

    /// <summary>A member of an enumeration of one or two words, in kebab-case.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static CounterStatus CountersOf(IReadOnlyList<AoCounters> counters) => new(
        Sum(counters, static counted => counted.Good),
        Sum(counters, static counted => counted.Bad),
        Sum(counters, static counted => counted.KeyNotFound),
        Sum(counters, static counted => counted.Required),
        Sum(counters, static counted => counted.DroppedIcmps));

    private static ulong Sum<T>(IEnumerable<T> all, Func<T, ulong> read) => all.Aggregate(0UL, (sum, one) => sum + read(one));

    /// <summary>The next change of the keys that the chain chooses.</summary>
    private static KeyChangeStatus? NextOf(KeyChain chain, DateTimeOffset now)
    {
        KeyChainChange? send = KeyChainTimeline.SendChanges(chain, now) is [var first, ..] ? first : null;
        KeyChainChange? rnext = KeyChainTimeline.RNextChanges(chain, now) is [var other, ..] ? other : null;
        DateTimeOffset at = DateTimeOffset.MaxValue;
        at = send is { } s && s.At < at ? s.At : at;
        at = rnext is { } r && r.At < at ? r.At : at;
        return at == DateTimeOffset.MaxValue ? null : new KeyChangeStatus(at, KeyChainSelector.SendKey(chain, at)?.SendId, KeyChainSelector.RNextKey(chain, at)?.RecvId);
    }

    private static string WhenOf(KeyLifetime lifetime, DateTimeOffset now) =>
        lifetime.IsEmpty ? "never" : lifetime.Contains(now) ? "now" : now < lifetime.Start ? "later" : "over";

    private static DateTimeOffset? EndOf(KeyLifetime lifetime) => lifetime.IsEmpty || lifetime.End == DateTimeOffset.MaxValue ? null : lifetime.End;

    private static string LettersOf(TcpFlags flags)
    {
        const string Letters = "SFRPAUEC";
        ReadOnlySpan<TcpFlags> order = [TcpFlags.Syn, TcpFlags.Fin, TcpFlags.Rst, TcpFlags.Psh, TcpFlags.Ack, TcpFlags.Urg, TcpFlags.Ece, TcpFlags.Cwr];
        Span<char> text = stackalloc char[Letters.Length];
        int length = 0;
        for (int i = 0; i < order.Length; i++)
        {
            if ((flags & order[i]) != TcpFlags.None)
            {
                text[length++] = Letters[i];
            }
        }

        return new string(text[..length]);
    }

    private ImmutableSortedDictionary<string, long> ByReason(Func<RefusalLog, DropReason, long> count) => s_reasons
        .Select(reason => (Name: reason.ToName(), Count: workers.Sum(worker => worker.Refusals is { } log ? count(log, reason) : 0)))
        .Where(reason => reason.Count > 0)
        .ToImmutableSortedDictionary(reason => reason.Name, reason => reason.Count, StringComparer.Ordinal);

    private static KeyStatus Key(KeyChainKey entry, DateTimeOffset now, ReadOnlySpan<byte> salt, (ulong Good, ulong Bad) counted)
    {
        const int FingerprintLength = 8;
        AoKey key = entry.Key;
        bool hasIds = !key.Algorithm.IsTcpMd5;
        Span<byte> fingerprint = stackalloc byte[FingerprintLength];
        key.WriteFingerprint(salt, fingerprint);
        return new KeyStatus(
            entry.Id,
            hasIds ? key.SendId : null,
            hasIds ? key.RecvId : null,
            key.Algorithm.Name,
            key.MacLength,
            key.IncludeTcpOptions,
            WhenOf(key.SendLifetime, now),
            WhenOf(key.AcceptLifetime, now),
            EndOf(key.SendLifetime),
            EndOf(key.AcceptLifetime),
            Convert.ToHexStringLower(fingerprint),
            counted.Good,
            counted.Bad);
    }
}
