using System.Collections.Immutable;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// When a chain changes the key that it signs with and the key that it asks for: what <see cref="KeyChainSelector"/> will answer over time. A connection may
/// follow later, for the other end decides too.
/// </summary>
public static class KeyChainTimeline
{
    // two for each lifetime of the most keys that ids allow
    private const int MostChanges = 1024;

    /// <summary>The changes of the signing key after <paramref name="from"/>, in order.</summary>
    public static ImmutableArray<KeyChainChange> SendChanges(KeyChain chain, DateTimeOffset from)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return Changes(chain, from, static (keys, at) => KeyChainSelector.SendKey(keys, at));
    }

    /// <summary>The changes of the key that is asked for after <paramref name="from"/>, in order.</summary>
    public static ImmutableArray<KeyChainChange> RNextChanges(KeyChain chain, DateTimeOffset from)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return Changes(chain, from, static (keys, at) => KeyChainSelector.RNextKey(keys, at));
    }

    /// <summary>The first instant, from <paramref name="from"/> on, at which no key of the chain may sign; null when there will always be one.</summary>
    public static DateTimeOffset? SendsUntil(KeyChain chain, DateTimeOffset from)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return Until(chain, from, static (keys, at) => KeyChainSelector.SendKey(keys, at));
    }

    /// <summary>The first instant, from <paramref name="from"/> on, at which no key of the chain is accepted; null when there will always be one.</summary>
    public static DateTimeOffset? AcceptsUntil(KeyChain chain, DateTimeOffset from)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return Until(chain, from, static (keys, at) => KeyChainSelector.RNextKey(keys, at));
    }

    /// <summary>The instants at which a lifetime of the chain begins or ends, in order, each once; "since ever" and "for ever" are none.</summary>
    public static ImmutableArray<DateTimeOffset> Instants(KeyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return [.. chain.Keys
            .SelectMany(entry => (KeyLifetime[])[entry.Key.SendLifetime, entry.Key.AcceptLifetime])
            .Where(lifetime => !lifetime.IsEmpty)
            .SelectMany(lifetime => (DateTimeOffset[])[lifetime.Start, lifetime.End])
            .Where(instant => instant != DateTimeOffset.MinValue && instant != DateTimeOffset.MaxValue)
            .Distinct()
            .Order()];
    }

    private static DateTimeOffset? Until(KeyChain chain, DateTimeOffset from, Func<ReadOnlySpan<AoKey>, DateTimeOffset, AoKey?> choose)
    {
        DateTimeOffset? at = from;
        for (int i = 0; i < MostChanges && at is { } instant; i++)
        {
            if (choose(chain.AoKeys, instant) is null)
            {
                return instant;
            }

            at = KeyChainSelector.NextChange(chain, instant);
        }

        return null;
    }

    private static ImmutableArray<KeyChainChange> Changes(KeyChain chain, DateTimeOffset from, Func<ReadOnlySpan<AoKey>, DateTimeOffset, AoKey?> choose)
    {
        ImmutableArray<KeyChainChange>.Builder changes = ImmutableArray.CreateBuilder<KeyChainChange>();
        AoKey? current = choose(chain.AoKeys, from);
        DateTimeOffset? next = KeyChainSelector.NextChange(chain, from);
        for (int i = 0; i < MostChanges && next is { } at; i++)
        {
            AoKey? chosen = choose(chain.AoKeys, at);
            if (!ReferenceEquals(chosen, current))
            {
                changes.Add(new KeyChainChange(at, current, chosen));
                current = chosen;
            }

            next = KeyChainSelector.NextChange(chain, at);
        }

        return changes.ToImmutable();
    }
}
