using System.Collections.Immutable;
using System.Globalization;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// Finds all that is wrong with key chains at once, each problem with its path. Sources: RFC 5925 section 3.1 (R-018: ids
/// never overlap), RFC 8177 section 2. Needs no clock: whether a chain has run out is the question of who knows the time.
/// </summary>
public static class KeyChainValidator
{
    /// <summary>The code of a gap between lifetimes, for those who look at gaps with a clock.</summary>
    internal const string GapCode = "gap";

    /// <summary>Everything wrong with <paramref name="chains"/>, names used twice included.</summary>
    public static ImmutableArray<KeyChainProblem> Validate(IEnumerable<KeyChain> chains)
    {
        ArgumentNullException.ThrowIfNull(chains);
        ImmutableArray<KeyChainProblem>.Builder problems = ImmutableArray.CreateBuilder<KeyChainProblem>();
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (KeyChain chain in chains)
        {
            if (!names.Add(chain.Name))
            {
                problems.Add(Problem(chain, -1, "name", "name-clash", KeyChainSeverity.Error, $"another chain is named '{chain.Name}' already"));
            }

            problems.AddRange(Validate(chain));
        }

        return problems.ToImmutable();
    }

    /// <summary>Everything wrong with <paramref name="chain"/>, in the order of its keys.</summary>
    public static ImmutableArray<KeyChainProblem> Validate(KeyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if (chain.Keys.IsEmpty)
        {
            return [Problem(chain, -1, "keys", "no-keys", KeyChainSeverity.Error, "the chain has no keys")];
        }

        ImmutableArray<KeyChainProblem>.Builder problems = ImmutableArray.CreateBuilder<KeyChainProblem>();
        for (int index = 0; index < chain.Keys.Length; index++)
        {
            CheckIds(chain, index, problems);
            CheckKeyLength(chain, index, problems);
            CheckLifetimes(chain, index, problems);
        }

        if (chain.Keys.Any(entry => entry.Key.Algorithm.IsTcpMd5) && chain.Keys.Any(entry => !entry.Key.Algorithm.IsTcpMd5))
        {
            int first = FirstIndex(chain, entry => entry.Key.Algorithm.IsTcpMd5);
            problems.Add(Problem(chain, first, "algorithm", "md5-mixed", KeyChainSeverity.Error, "tcp-md5 is not mixed with other algorithms in one chain"));
        }

        CheckCoverage(chain, problems);
        return problems.ToImmutable();
    }

    /// <summary>The new algorithms' draft asks for 256 bits; a shorter key works and is said.</summary>
    private static void CheckKeyLength(KeyChain chain, int index, ImmutableArray<KeyChainProblem>.Builder problems)
    {
        const int DraftMinimum = 32;
        AoKey key = chain.Keys[index].Key;
        if ((key.Algorithm == MacAlgorithms.HmacSha256Hkdf || key.Algorithm == MacAlgorithms.Kmac256) && key.MasterKey.Length < DraftMinimum)
        {
            problems.Add(Problem(chain, index, "algorithm", "short-secret", KeyChainSeverity.Warning, $"{key.Algorithm.Name} wants a master key of at least {DraftMinimum} bytes; this one has {key.MasterKey.Length}"));
        }
    }

    private static void CheckIds(KeyChain chain, int index, ImmutableArray<KeyChainProblem>.Builder problems)
    {
        KeyChainKey entry = chain.Keys[index];
        int twin = FirstIndex(chain, other => other.Id == entry.Id);
        if (twin < index)
        {
            problems.Add(Problem(chain, index, "id", "id-clash", KeyChainSeverity.Error, $"id {entry.Id} is used twice in this chain"));
        }

        // TCP MD5 has no ids on the wire
        if (entry.Key.Algorithm.IsTcpMd5)
        {
            return;
        }

        //
        twin = FirstIndex(chain, other => other.Key.SendId == entry.Key.SendId && !other.Key.Algorithm.IsTcpMd5);
        if (twin < index)
        {
            problems.Add(Problem(chain, index, "send-id", "id-clash", KeyChainSeverity.Error, $"send-id {entry.Key.SendId} belongs to key {chain.Keys[twin].Id} of this chain already"));
        }

        twin = FirstIndex(chain, other => other.Key.RecvId == entry.Key.RecvId && !other.Key.Algorithm.IsTcpMd5);
        if (twin < index)
        {
            problems.Add(Problem(chain, index, "recv-id", "id-clash", KeyChainSeverity.Error, $"recv-id {entry.Key.RecvId} belongs to key {chain.Keys[twin].Id} of this chain already"));
        }
    }

    private static void CheckLifetimes(KeyChain chain, int index, ImmutableArray<KeyChainProblem>.Builder problems)
    {
        KeyLifetime send = chain.Keys[index].Key.SendLifetime;
        KeyLifetime accept = chain.Keys[index].Key.AcceptLifetime;
        if (send.IsEmpty && accept.IsEmpty)
        {
            problems.Add(Problem(chain, index, "", "never-valid", KeyChainSeverity.Warning, "the key neither signs nor is accepted at any time"));
        }
        else if (!send.IsEmpty && !accept.IsEmpty && (send.Start < accept.Start || send.End > accept.End))
        {
            problems.Add(Problem(
                chain,
                index,
                "send-lifetime",
                "signs-unaccepted",
                KeyChainSeverity.Warning,
                "the key signs at times at which it is not accepted, so that a peer that follows it is dropped"));
        }
    }

    private static void CheckCoverage(KeyChain chain, ImmutableArray<KeyChainProblem>.Builder problems)
    {
        Cover(chain, "sign", "signs", [.. chain.Keys.Select(entry => entry.Key.SendLifetime).Where(life => !life.IsEmpty)], problems);
        Cover(chain, "be accepted", "is accepted", [.. chain.Keys.Select(entry => entry.Key.AcceptLifetime).Where(life => !life.IsEmpty)], problems);
    }

    private static void Cover(KeyChain chain, string may, string does, List<KeyLifetime> lifetimes, ImmutableArray<KeyChainProblem>.Builder problems)
    {
        if (lifetimes.Count == 0)
        {
            problems.Add(Problem(chain, -1, "keys", "closed-for-ever", KeyChainSeverity.Warning, $"no key of the chain may ever {may}"));
            return;
        }

        lifetimes.Sort((left, right) => left.Start.CompareTo(right.Start));
        DateTimeOffset covered = lifetimes[0].End;
        foreach (KeyLifetime lifetime in lifetimes)
        {
            if (lifetime.Start > covered)
            {
                problems.Add(Problem(chain, -1, "keys", GapCode, KeyChainSeverity.Warning, $"no key {does} from {Text(covered)} until {Text(lifetime.Start)}"));
            }

            covered = lifetime.End > covered ? lifetime.End : covered;
        }

        static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static int FirstIndex(KeyChain chain, Func<KeyChainKey, bool> condition)
    {
        int index = 0;
        while (!condition(chain.Keys[index]))
        {
            index++;
        }

        return index;
    }

    private static KeyChainProblem Problem(KeyChain chain, int keyIndex, string leaf, string code, KeyChainSeverity severity, string message)
    {
        string path = $"key-chains[{chain.Name}]";
        if (keyIndex >= 0)
        {
            path += $".keys[{chain.Keys[keyIndex].Id}]";
        }

        return new KeyChainProblem(leaf.Length == 0 ? path : $"{path}.{leaf}", message, severity, keyIndex, leaf) { Code = code };
    }
}
