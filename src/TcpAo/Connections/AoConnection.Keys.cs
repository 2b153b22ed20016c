// RFC 5925 sections 3.3, 4 and 6.1: which keys a connection uses, and when they change.

using TcpAo.Diagnostics;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Connections;

public sealed partial class AoConnection
{
    private const int MaxAsked = 16;

    // a connection uses one key, and a second one while they roll
    private KeySlot[] _slots = [];
    private KeyRing _ring = KeyRing.Empty;

    // keys that were asked for before rnext_key, and that the peer may have turned to since we last heard of it
    private List<AoKey>? _asked;

    // what lifetimes chose for rnext_key; another choice of the user's stays until this one changes
    private AoKey? _scheduledRNext;
    private DateTime _keysValidFrom;
    private DateTime _keysValidUntil;

    /// <summary>The key that we sign with: its SendID goes out as KeyID. Null when none is valid.</summary>
    public AoKey? CurrentKey { get; private set; }

    /// <summary>The key that we ask for: its RecvID goes out as RNextKeyID. Null when none is accepted.</summary>
    public AoKey? RNextKey { get; private set; }

    /// <summary>Whether current_key stays although the peer asks for another (tcp_authopt's LOCK_KEYID).</summary>
    public bool LockCurrentKey { get; set; }

    /// <summary>Whether rnext_key stays although key lifetimes ask for another (tcp_authopt's LOCK_RNEXTKEYID).</summary>
    public bool LockRNextKey { get; set; }

    /// <summary>All keys that a segment may name now: the policy's, and those in use that the policy no longer has .</summary>
    public KeyRing Keys => _ring;

    /// <summary>Makes the key with this SendID current_key .</summary>
    /// <returns>False when there is none: nothing changes (Linux: ENOENT).</returns>
    public bool SetCurrentKey(byte sendId)
    {
        if (_ring.FindBySendId(sendId) is not { } key)
        {
            return false;
        }

        CurrentKey = key;
        _keysValidUntil = DateTime.MinValue;
        Settle();
        return true;
    }

    /// <summary>Makes the key with this RecvID rnext_key .</summary>
    /// <returns>False when there is none: nothing changes (Linux: ENOENT).</returns>
    public bool SetRNextKey(byte recvId)
    {
        if (_ring.FindByRecvId(recvId) is not { } key)
        {
            return false;
        }

        Ask(key);
        Settle();
        return true;
    }

    /// <summary>What the connection counted for a key; null when it never used it.</summary>
    public KeyCounters? GetKeyCounters(AoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return FindSlot(key)?.Counters;
    }

    internal KeySlot GetSlot(AoKey key)
    {
        if (FindSlot(key) is { } found)
        {
            return found;
        }

        // a key is used for the first time: one of the named allocations
        var slot = new KeySlot(key);
        Array.Resize(ref _slots, _slots.Length + 1);
        _slots[^1] = slot;
        return slot;
    }

    /// <summary>Follows the peer's RNextKeyID, after its segment verified. True when current_key changed.</summary>
    internal bool FollowPeer(byte rnextKeyId, DateTimeOffset now)
    {
        if (LockCurrentKey || CurrentKey?.SendId == rnextKeyId || _ring.FindBySendId(rnextKeyId) is not { } key || !key.CanSend(now))
        {
            return false;
        }

        CurrentKey = key;
        Settle();
        return true;
    }

    /// <summary>Puts the keys that a verified SYN names into place, as Linux does for a passive open; false when one is unknown.</summary>
    internal bool AdoptFromSyn(in PendingSyn syn, DateTimeOffset now)
    {
        ChooseKeys(now);
        if (_ring.FindByRecvId(syn.KeyId) is { } used && Policy.Scope == KeyScope.Socket)
        {
            RNextKey = used;
        }

        AoKey? key = _ring.FindBySendId(syn.RNextKeyId);
        if (Policy.LockCurrentKey && CurrentKey is not null)
        {
            return true;
        }

        if (key is not null && key.CanSend(now))
        {
            CurrentKey = key;
            return true;
        }

        return Policy.Scope == KeyScope.Policy;
    }

    /// <summary>Takes over changed keys and rules; keys in use stay until they are left .</summary>
    internal void UsePolicy(ConnectionPolicy policy, DateTimeOffset now)
    {
        LockCurrentKey = policy.LockCurrentKey == Policy.LockCurrentKey ? LockCurrentKey : policy.LockCurrentKey;
        LockRNextKey = policy.LockRNextKey == Policy.LockRNextKey ? LockRNextKey : policy.LockRNextKey;
        Policy = policy;
        _ring = HoldInUse();
        foreach (KeySlot slot in _slots)
        {
            slot.Key = _ring.FindSame(slot.Key) ?? slot.Key;
        }

        if (!policy.HoldsKeysInUse)
        {
            LeaveRemovedKeys();
        }

        CurrentKey = Same(CurrentKey);
        RNextKey = Same(RNextKey);
        _peerKey = Same(_peerKey);
        for (int i = 0; i < _asked?.Count; i++)
        {
            _asked[i] = Same(_asked[i])!;
        }

        _keysValidUntil = DateTime.MinValue;
        CheckLifetimes(now);

        AoKey? Same(AoKey? key) => key is null ? null : _ring.FindSame(key) ?? key;
    }

    /// <summary>Chooses anew what lifetimes decide, when a lifetime began or ended since the last look .</summary>
    internal void CheckLifetimes(DateTimeOffset now)
    {
        if (now.UtcDateTime < _keysValidUntil && now.UtcDateTime >= _keysValidFrom)
        {
            return;
        }

        // the sending key follows the peer; we choose only where ours may not be used any more
        if (CurrentKey?.CanSend(now) != true && Policy.FirstSendKey(now) is { } send)
        {
            CurrentKey = send;
        }

        if (!LockRNextKey && Policy.FirstRNextKey(now) is { } rnext)
        {
            // a key whose ids are still held by another one waits, and is nothing new when it comes
            bool isDue = Policy.Scope == KeyScope.Policy && _scheduledRNext?.RecvId != rnext.RecvId && _ring.FindSame(rnext) is not null;
            if (isDue || RNextKey?.CanAccept(now) != true)
            {
                Ask(rnext);
                _scheduledRNext = rnext;
            }
        }

        Settle();
        _keysValidFrom = now.UtcDateTime;
        _keysValidUntil = KeyChainSelector.NextChange(_ring.Keys.AsSpan(), now)?.UtcDateTime ?? DateTime.MaxValue;
    }

    private void ChooseKeys(DateTimeOffset now)
    {
        _ring = Policy.Keys;
        if (!LockCurrentKey || CurrentKey is null)
        {
            CurrentKey = Policy.FirstSendKey(now);
        }

        if (!LockRNextKey || RNextKey is null)
        {
            RNextKey = Policy.FirstRNextKey(now);
            _scheduledRNext = RNextKey;
        }

        _keysValidUntil = DateTime.MinValue;
    }

    /// <summary>Lets go of keys that the policy no longer has once neither direction needs them.</summary>
    private void Settle()
    {
        KeyRing wanted = HoldInUse();
        if (ReferenceEquals(wanted, _ring) || wanted.Keys.AsSpan().SequenceEqual(_ring.Keys.AsSpan()))
        {
            return;
        }

        _ring = wanted;
        _keysValidUntil = DateTime.MinValue;
        LeaveRemovedKeys();
    }

    private void LeaveRemovedKeys()
    {
        foreach (KeySlot slot in _slots)
        {
            if (_ring.FindSame(slot.Key) is null)
            {
                slot.Forget();
            }
        }

        _slots = [.. _slots.Where(slot => _ring.FindSame(slot.Key) is not null)];
    }

    private void Ask(AoKey key)
    {
        if (RNextKey is { } before && !ReferenceEquals(before, key))
        {
            _asked ??= [];
            _asked.Remove(key);
            _asked.Add(before);
            if (_asked.Count > MaxAsked)
            {
                _asked.RemoveAt(0);
            }
        }

        RNextKey = key;
    }

    /// <summary>The policy's keys and those in use that it no longer has. Where two of them share an id, the one that segments come under stays.</summary>
    private KeyRing HoldInUse() => !Policy.HoldsKeysInUse ? Policy.Keys
        : _asked is null
        ? Policy.Keys.Holding(_peerKey, RNextKey, CurrentKey)
        : Policy.Keys.Holding([_peerKey, RNextKey, CurrentKey, .. _asked]);

    private void LoadKeys(in SavedConnection saved)
    {
        CurrentKey = saved.CurrentSendId is { } sendId ? _ring.FindBySendId(sendId) ?? CurrentKey : CurrentKey;
        RNextKey = saved.RNextRecvId is { } recvId ? _ring.FindByRecvId(recvId) ?? RNextKey : RNextKey;

        _peerKey = saved.PeerRecvId is { } peerId ? _ring.FindByRecvId(peerId) : null;

        // lifetimes went on while nobody looked
        _scheduledRNext = RNextKey;
    }

    private KeySlot? FindSlot(AoKey key)
    {
        foreach (KeySlot slot in _slots)
        {
            if (ReferenceEquals(slot.Key, key))
            {
                return slot;
            }
        }

        return null;
    }

    private void ForgetTrafficKeys()
    {
        foreach (KeySlot slot in _slots)
        {
            slot.Forget();
        }
    }
}
