using System.Collections.Immutable;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>
/// The steps of a coordinated rollover, without store and clock: from a document to the next. Whatever step a document is at, any two hosts that have this one
/// or the one before it have a key in common that one signs with and the other accepts; so a coordinator may die at any moment. RFC 5925 section 6.1:
/// accepted first, then used, then retired.
/// </summary>
public static class RolloverMachine
{
    // an end that comes never and yet before "for ever": of two keys the one without it is chosen (KeyChainSelector)
    private static readonly StoredLifetime s_outlasted = new(null, new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Why a chain cannot be rolled over; null where it can.</summary>
    public static string? Obstacle(ChainDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        string name = document.KeyChain.Name;
        return document switch
        {
            { Rollover: not null } => $"a rollover of {name} is under way: --status shows it, --resume goes on with it, --abort goes back",
            { Hosts.IsEmpty: true } => $"{name} has no hosts: name them with 'tcpao fleet hosts {name} --add HOST'",
            { KeyChain.Keys: [{ SendLifetime: null, AcceptLifetime: null, NoSend: null or false }] } => null,
            _ => $"{name} must have one key, without lifetimes: the plan says when keys change, not the calendar; push the chain with one key",
        };
    }

    /// <summary>Begins: the new key is accepted.</summary>
    /// <param name="document">A document without an obstacle.</param>
    /// <param name="key">The new key, without lifetimes.</param>
    /// <param name="now">The time.</param>
    /// <param name="by">Who begins.</param>
    public static ChainDocument Begin(ChainDocument document, StoredKey key, DateTimeOffset now, string by)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(key);
        StoredKey old = document.KeyChain.Keys[0];
        return Next(document, new Rollover(RolloverStep.Accept, key.Id, old.Id, Aborting: false, now, by), [old, key]);
    }

    /// <summary>The next step; after the last there is no rollover any more.</summary>
    /// <param name="document">A document whose step is over: there are no <see cref="RolloverObstacles"/>.</param>
    public static ChainDocument Advance(ChainDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Rollover rollover = document.Rollover!;
        return rollover.Step switch
        {
            RolloverStep.Accept => Next(document, rollover with { Step = RolloverStep.Send }, document.KeyChain.Keys),
            RolloverStep.Send => Retire(document, rollover),
            _ => document with { Version = document.Version + 1, Rollover = null },
        };
    }

    /// <summary>Turns round: the key of before becomes the one to sign, by the same steps as far as they are needed. Aborting a way back goes forward again.</summary>
    public static ChainDocument Abort(ChainDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Rollover rollover = document.Rollover!;
        Rollover back = rollover with { To = rollover.From, From = rollover.To, Aborting = !rollover.Aborting };
        return rollover.Step switch
        {
            // nobody signs with it or asks for it
            RolloverStep.Accept => Retire(document, back),
            RolloverStep.Send => Next(document, back, document.KeyChain.Keys),

            // some hosts may have it no longer
            _ => Next(document, back with { Step = RolloverStep.Accept, Retired = null }, [.. document.KeyChain.Keys, rollover.Retired!]),
        };
    }

    private static ChainDocument Retire(ChainDocument document, Rollover rollover) => Next(
        document,
        rollover with { Step = RolloverStep.Retire, Retired = document.KeyChain.Keys.First(key => key.Id == rollover.From) },
        [.. document.KeyChain.Keys.Where(key => key.Id != rollover.From)]);

    private static ChainDocument Next(ChainDocument document, Rollover rollover, ImmutableArray<StoredKey> keys) => document with
    {
        Version = document.Version + 1,
        Rollover = rollover with { Retired = rollover.Retired is { } retired ? Free(retired) : null },
        KeyChain = document.KeyChain with { Keys = [.. keys.Select(key => Arrange(key, rollover)).OrderBy(key => key.Id)] },
    };

    private static StoredKey Arrange(StoredKey key, Rollover rollover) => (rollover.Step, key.Id == rollover.To) switch
    {
        (RolloverStep.Accept, true) => Free(key) with { NoSend = true, AcceptLifetime = s_outlasted },
        (RolloverStep.Send, false) => Free(key) with { SendLifetime = s_outlasted, AcceptLifetime = s_outlasted },
        _ => Free(key),
    };

    private static StoredKey Free(StoredKey key) => key with { SendLifetime = null, AcceptLifetime = null, NoSend = null };
}
