using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// Which key of a chain signs, which is asked for, which are accepted, and when that next changes. The standards leave the
/// choice open; the rule is that of tcp_authopt and of IOS XE, and is the same at every call: no state, no clock,
/// no allocation. Source of the lifetimes: RFC 8177 section 2.
/// </summary>
/// <remarks>
/// "Longest validity" counts from now on, for what is past no longer helps: of the keys that are valid, the one whose
/// lifetime ends last. A key without an end outlasts every other. Equal ends are decided by the lowest id on the wire, and
/// equal ids (TCP MD5 keys have none) by the order in the chain.
/// </remarks>
public static class KeyChainSelector
{
    /// <summary>The key that signs at <paramref name="now"/>: longest send validity, ties by the lowest SendID; null when none may.</summary>
    public static AoKey? SendKey(KeyChain chain, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return SendKey(chain.AoKeys, now);
    }

    /// <inheritdoc cref="SendKey(KeyChain, DateTimeOffset)"/>
    public static AoKey? SendKey(ReadOnlySpan<AoKey> keys, DateTimeOffset now)
    {
        AoKey? best = null;
        foreach (AoKey key in keys)
        {
            if (key.CanSend(now)
                && (best is null
                    || key.SendLifetime.End > best.SendLifetime.End
                    || (key.SendLifetime.End == best.SendLifetime.End && key.SendId < best.SendId)))
            {
                best = key;
            }
        }

        return best;
    }

    /// <summary>
    /// The key that the peer is asked to sign with (RNextKeyID) at <paramref name="now"/>: longest accept validity, ties by the
    /// lowest RecvID; null when none is accepted.
    /// </summary>
    public static AoKey? RNextKey(KeyChain chain, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return RNextKey(chain.AoKeys, now);
    }

    /// <inheritdoc cref="RNextKey(KeyChain, DateTimeOffset)"/>
    public static AoKey? RNextKey(ReadOnlySpan<AoKey> keys, DateTimeOffset now)
    {
        AoKey? best = null;
        foreach (AoKey key in keys)
        {
            if (key.CanAccept(now)
                && (best is null
                    || key.AcceptLifetime.End > best.AcceptLifetime.End
                    || (key.AcceptLifetime.End == best.AcceptLifetime.End && key.RecvId < best.RecvId)))
            {
                best = key;
            }
        }

        return best;
    }

    /// <summary>Whether segments under <paramref name="key"/> are accepted at <paramref name="now"/>, tolerance included.</summary>
    public static bool IsAccepted(AoKey key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.CanAccept(now);
    }

    /// <summary>The key whose SendID is <paramref name="sendId"/>, valid or not; null when there is none. A peer's RNextKeyID names such a key.</summary>
    public static AoKey? FindBySendId(KeyChain chain, byte sendId)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return FindBySendId(chain.AoKeys, sendId);
    }

    /// <inheritdoc cref="FindBySendId(KeyChain, byte)"/>
    public static AoKey? FindBySendId(ReadOnlySpan<AoKey> keys, byte sendId)
    {
        foreach (AoKey key in keys)
        {
            if (key.SendId == sendId)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>The key whose RecvID is <paramref name="recvId"/>, valid or not; null when there is none. The KeyID of an inbound segment names such a key.</summary>
    public static AoKey? FindByRecvId(KeyChain chain, byte recvId)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return FindByRecvId(chain.AoKeys, recvId);
    }

    /// <inheritdoc cref="FindByRecvId(KeyChain, byte)"/>
    public static AoKey? FindByRecvId(ReadOnlySpan<AoKey> keys, byte recvId)
    {
        foreach (AoKey key in keys)
        {
            if (key.RecvId == recvId)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>
    /// The first instant after <paramref name="now"/> at which any answer of this class may change; null when none ever will.
    /// Until then every answer stays what it is at <paramref name="now"/>.
    /// </summary>
    public static DateTimeOffset? NextChange(KeyChain chain, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return NextChange(chain.AoKeys, now);
    }

    /// <inheritdoc cref="NextChange(KeyChain, DateTimeOffset)"/>
    public static DateTimeOffset? NextChange(ReadOnlySpan<AoKey> keys, DateTimeOffset now)
    {
        DateTimeOffset next = DateTimeOffset.MaxValue;
        foreach (AoKey key in keys)
        {
            next = Earlier(next, key.SendLifetime, now);
            next = Earlier(next, key.AcceptLifetime, now);
        }

        return next == DateTimeOffset.MaxValue ? null : next;
    }

    private static DateTimeOffset Earlier(DateTimeOffset next, KeyLifetime lifetime, DateTimeOffset now)
    {
        if (lifetime.IsEmpty)
        {
            return next;
        }

        DateTimeOffset change = lifetime.Start > now ? lifetime.Start : lifetime.End;
        return change > now && change < next ? change : next;
    }
}
