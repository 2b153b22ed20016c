using System.Collections.Immutable;
using System.Globalization;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// Looks at key chains as an operator would before a night on call: what <see cref="KeyChainValidator"/> says of them, what the clock says (a chain that runs
/// out, a change without overlap), and secrets that should not be. Sources: RFC 8177 section 2, RFC 5925 section 5.3, R-109, R-117, R-123, R-137.
/// </summary>
public static class KeyChainCheck
{
    /// <summary>How long before its end a chain that runs out is a warning, and before that a note.</summary>
    public static TimeSpan RunsOutSoon { get; } = TimeSpan.FromDays(30);

    /// <summary>Everything found in <paramref name="chains"/> at <paramref name="now"/>, by chain and key.</summary>
    public static ImmutableArray<KeyFinding> Check(IReadOnlyList<KeyChain> chains, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(chains);
        var findings = new List<KeyFinding>();
        foreach (KeyChain chain in chains)
        {
            Validate(chain, now, findings);
            if (!chain.Keys.IsEmpty)
            {
                CheckTimes(chain, now, findings);
                CheckChanges(chain, now, findings);
                CheckSecrets(chain, findings);
            }
        }

        CheckSharedSecrets(chains, findings);
        return [.. findings];
    }

    /// <summary>What needs no clock, less the gaps that are over.</summary>
    private static void Validate(KeyChain chain, DateTimeOffset now, List<KeyFinding> findings)
    {
        foreach (KeyChainProblem problem in KeyChainValidator.Validate(chain))
        {
            if (problem.Code is not KeyChainValidator.GapCode)
            {
                KeyFindingSeverity severity = problem.Severity == KeyChainSeverity.Error ? KeyFindingSeverity.Error : KeyFindingSeverity.Warning;
                findings.Add(Finding(chain, problem.KeyIndex, problem.Leaf, problem.Code, severity, problem.Message, HintOf(problem.Code)));
            }
        }

        AddGaps(chain, now, "send-gap", "signs", static key => key.SendLifetime, findings);
        AddGaps(chain, now, "accept-gap", "is accepted", static key => key.AcceptLifetime, findings);
    }

    private static string? HintOf(string code) => code switch
    {
        "id-clash" => "give each key of a chain ids of its own",
        "never-valid" => "remove it, or give it a lifetime",
        "signs-unaccepted" => "let the accept lifetime begin before the send lifetime and end after it",
        "short-secret" => "make one with 'tcpao keys generate'",
        "closed-for-ever" => "give one of the keys a lifetime that way",
        _ => null,
    };

    private static void AddGaps(KeyChain chain, DateTimeOffset now, string code, string does, Func<AoKey, KeyLifetime> lifetimeOf, List<KeyFinding> findings)
    {
        KeyLifetime[] lifetimes = [.. chain.Keys.Select(entry => lifetimeOf(entry.Key)).Where(lifetime => !lifetime.IsEmpty).OrderBy(lifetime => lifetime.Start)];
        if (lifetimes.Length == 0)
        {
            return;
        }

        DateTimeOffset covered = lifetimes[0].End;
        foreach (KeyLifetime lifetime in lifetimes)
        {
            if (lifetime.Start > covered && lifetime.Start > now)
            {
                string hint = "let the lifetimes overlap; until the gap is over nothing of these peers passes";
                findings.Add(Finding(chain, -1, "keys", code, KeyFindingSeverity.Warning, $"no key {does} from {Text(covered)} until {Text(lifetime.Start)}", hint));
            }

            covered = lifetime.End > covered ? lifetime.End : covered;
        }
    }

    private static void CheckTimes(KeyChain chain, DateTimeOffset now, List<KeyFinding> findings)
    {
        CheckDirection(chain, now, "sends", "signs", KeyChainSelector.SendKey(chain, now), static key => key.SendLifetime, findings);
        CheckDirection(chain, now, "accepts", "is accepted", KeyChainSelector.RNextKey(chain, now), static key => key.AcceptLifetime, findings);
        for (int index = 0; index < chain.Keys.Length; index++)
        {
            AoKey key = chain.Keys[index].Key;
            if (!(key.SendLifetime.IsEmpty && key.AcceptLifetime.IsEmpty) && IsOver(key.SendLifetime, now) && IsOver(key.AcceptLifetime, now))
            {
                findings.Add(Finding(chain, index, "", "expired", KeyFindingSeverity.Note, "the key is over, both ways", $"tcpao keys retire {chain.Name} {chain.Keys[index].Id}"));
            }
        }

        // with two keys that last for ever the lowest id wins, and it stays so
        int[] forEver = [.. Enumerable.Range(0, chain.Keys.Length).Where(index => chain.Keys[index].Key.SendLifetime.End == DateTimeOffset.MaxValue && !chain.Keys[index].Key.SendLifetime.IsEmpty)];
        if (forEver.Length > 1)
        {
            string ids = string.Join(" and ", forEver.Select(index => chain.Keys[index].Id));
            findings.Add(Finding(
                chain,
                forEver[^1],
                "send-lifetime",
                "no-end",
                KeyFindingSeverity.Warning,
                $"keys {ids} both sign for ever: the one with the lowest send-id does, and the other never comes to it",
                "give the older one an end; 'tcpao keys rollover' does so"));
        }
    }

    private static void CheckDirection(KeyChain chain, DateTimeOffset now, string code, string does, AoKey? chosen, Func<AoKey, KeyLifetime> lifetimeOf, List<KeyFinding> findings)
    {
        KeyLifetime[] lifetimes = [.. chain.Keys.Select(entry => lifetimeOf(entry.Key)).Where(lifetime => !lifetime.IsEmpty)];
        if (lifetimes.Length == 0)
        {
            return;
        }

        DateTimeOffset end = lifetimes.Max(lifetime => lifetime.End);
        if (chosen is null)
        {
            string when = end <= now ? $"since {Text(end)}" : "now";
            findings.Add(Finding(chain, -1, "keys", $"nothing-{code}", KeyFindingSeverity.Error, $"no key {does} {when}", "nothing of these peers passes; 'tcpao keys rollover' or 'tcpao keys add' makes a key"));
        }
        else if (end != DateTimeOffset.MaxValue)
        {
            KeyFindingSeverity severity = end - now <= RunsOutSoon ? KeyFindingSeverity.Warning : KeyFindingSeverity.Note;
            findings.Add(Finding(chain, -1, "keys", "runs-out", severity, $"no key {does} after {Text(end)}", "'tcpao keys rollover' makes the next one"));
        }
    }

    /// <summary>At each future change of the signing key both the one before and the one after have to be accepted for a while, for clocks differ.</summary>
    private static void CheckChanges(KeyChain chain, DateTimeOffset now, List<KeyFinding> findings)
    {
        foreach (KeyChainChange change in KeyChainTimeline.SendChanges(chain, now))
        {
            if (change.Before is { } before && change.After is { } after)
            {
                if (!before.AcceptLifetime.IsEmpty && !before.CanAccept(change.At))
                {
                    Report(before, $"{before.Name} is not accepted any more at {Text(change.At)}, when {after.Name} begins to sign: what is under way is dropped", "let its accept lifetime end later");
                }

                if (!after.AcceptLifetime.IsEmpty && after.AcceptLifetime.Start >= change.At)
                {
                    Report(after, $"{after.Name} begins to sign at {Text(change.At)} and is accepted only from then on: a peer whose clock is ahead is dropped", "let its accept lifetime begin earlier, or set accept-tolerance");
                }
            }
        }

        void Report(AoKey key, string message, string hint)
        {
            int index = chain.AoKeys.IndexOf(key);
            findings.Add(Finding(chain, index, "accept-lifetime", "no-overlap", KeyFindingSeverity.Warning, message, hint));
        }
    }

    private static void CheckSecrets(KeyChain chain, List<KeyFinding> findings)
    {
        for (int index = 0; index < chain.Keys.Length; index++)
        {
            AoKey key = chain.Keys[index].Key;
            foreach (SecretWeakness weakness in SecretStrength.WeaknessesOf(key.MasterKey))
            {
                findings.Add(Finding(chain, index, "", weakness.Code, weakness.Severity, weakness.Message, weakness.Hint));
            }

            int twin = chain.Keys.Take(index).Select((entry, at) => (entry.Key, At: at)).Where(other => other.Key.MasterKey.FixedTimeEquals(key.MasterKey)).Select(other => other.At).DefaultIfEmpty(-1).First();
            if (twin >= 0)
            {
                findings.Add(Finding(chain, index, "", "same-secret", KeyFindingSeverity.Warning, $"the secret is that of key {chain.Keys[twin].Id}: a change between the two changes nothing", "make one with 'tcpao keys generate'"));
            }
        }
    }

    /// <summary>R-044: an end that knows one session's key should not know another's.</summary>
    private static void CheckSharedSecrets(IReadOnlyList<KeyChain> chains, List<KeyFinding> findings)
    {
        for (int c = 1; c < chains.Count; c++)
        {
            for (int k = 0; k < chains[c].Keys.Length; k++)
            {
                AoKey key = chains[c].Keys[k].Key;
                AoKey? twin = chains.Take(c).SelectMany(chain => chain.Keys).Select(entry => entry.Key).FirstOrDefault(other => other.MasterKey.FixedTimeEquals(key.MasterKey));
                if (twin is not null)
                {
                    findings.Add(Finding(chains[c], k, "", "shared-secret", KeyFindingSeverity.Warning, $"the secret is that of {twin.Name} too: whoever has one has both", "give each chain secrets of its own"));
                }
            }
        }
    }

    private static bool IsOver(KeyLifetime lifetime, DateTimeOffset now) => lifetime.IsEmpty || lifetime.End <= now;

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static KeyFinding Finding(KeyChain chain, int keyIndex, string leaf, string code, KeyFindingSeverity severity, string message, string? hint = null) =>
        new(code, severity, chain.Name, keyIndex < 0 ? null : chain.Keys[keyIndex].Id, keyIndex, leaf, message, hint);
}
