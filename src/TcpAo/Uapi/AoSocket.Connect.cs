// linux-uapi 4.6: connect(), and what an accepted connection inherits from its listener.

using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private readonly List<AoSocket> _queued = [];
    private AoSocket? _listener;

    // whom it connected to last, or was to: Linux keeps that also where connect() failed, and takes only keys for it from then on
    private IpAddressBits _lastPeer;

    /// <summary>
    /// What <c>connect()</c> is to answer before anything is sent; <see cref="LinuxErrno.None"/> leaves it to the kernel. It changes no key.
    /// </summary>
    /// <param name="facts">With the peer as the remote end of <see cref="SocketFacts.Pair"/>, and <see cref="SocketFacts.HasPeer"/>.</param>
    /// <returns>
    /// EKEYREJECTED: there are keys but none for the peer, or keys of TCP-AO and of TCP MD5. ENOKEY: a policy owns the connection and has no key that may sign now.
    /// </returns>
    public LinuxErrno CheckConnect(in SocketFacts facts)
    {
        if (_space.Policy?.Find(facts.Pair) is { } policy)
        {
            return CheckKeys(policy, facts);
        }

        _lastPeer = facts.Pair.Remote;
        int l3Index = _space.MasterOf(facts.BoundDevice);
        bool hasKey = HasAo && _keys.Matching(facts.Pair, l3Index).Count > 0;
        if (FindMd5(facts.Pair.Remote, l3Index) is not null)
        {
            // R-099; with TCP MD5 alone TCP-AO's keys for others do not matter
            return hasKey || AoRequired ? LinuxErrno.KeyRejected : LinuxErrno.None;
        }

        if (HasAo && !hasKey)
        {
            return LinuxErrno.KeyRejected;
        }

        _isActive = true;
        _policies.Clear();
        return !HasAo && _space.Defaults?.Find(facts.Pair) is { } keys ? CheckKeys(keys, facts) : LinuxErrno.None;
    }

    /// <summary>Never unsigned, and not only a time-out.</summary>
    private static LinuxErrno CheckKeys(ConnectionPolicy policy, in SocketFacts facts) =>
        policy is { Mode: PeerMode.Required, IsMd5: false, NoKey: NoKeyAction.Reject } && policy.FirstSendKey(facts.Time.Utc) is null ? LinuxErrno.NoKey : LinuxErrno.None;

    /// <summary>
    /// A SYN goes out, or in repair mode the socket is connected at once: keys that are not for the peer go, and current_key and rnext_key become the newest of the others where
    /// they were not chosen.
    /// </summary>
    /// <param name="facts">As for <see cref="CheckConnect"/>; the connection too, if the engine has it.</param>
    /// <returns>As <see cref="CheckConnect"/>; nothing changes after an error.</returns>
    public LinuxErrno Connect(in SocketFacts facts)
    {
        LinuxErrno errno = CheckConnect(facts);
        if (errno != LinuxErrno.None || !HasAo)
        {
            return errno;
        }

        Follow(facts);
        IpAddressBits peer = facts.Pair.Remote;
        int l3Index = _space.MasterOf(facts.BoundDevice);
        (ushort localPort, ushort remotePort) = (facts.Pair.LocalPort, facts.Pair.RemotePort);
        SocketKey[] others = [.. _keys.All.Where(key => !key.Matches(peer, l3Index) || !key.Ports.Contains(localPort, remotePort))];
        foreach (SocketKey key in others)
        {
            _current = ReferenceEquals(_current, key) ? null : _current;
            _rnext = ReferenceEquals(_rnext, key) ? null : _rnext;
            _keys.Remove(key);
        }

        if (_keys.Count == 0)
        {
            // TCP MD5 took the connection, or a policy
            LeaveAo();
            return LinuxErrno.None;
        }

        _md5.Clear();
        _current ??= _keys.All.First();
        _rnext ??= _keys.All.First();
        _isActive = true;
        Lead(facts);
        return LinuxErrno.None;
    }

    /// <summary>
    /// What a send is to answer: ENOKEY where the connection has no key that may sign now, so that it fails at once rather than hold; a socket's own keys are always valid.
    /// </summary>
    /// <param name="facts">With the connection.</param>
    public static LinuxErrno CheckSend(in SocketFacts facts) =>
        facts.Connection is { Protection: Protection.Signed } connection && connection.CurrentKey?.CanSend(facts.Time.Utc) != true
            ? LinuxErrno.NoKey
            : LinuxErrno.None;

    /// <summary>
    /// A connection of this listener is established and waits for <c>accept()</c>: its own socket, with copies of the keys for the peer, the oldest first, current_key and rnext_key as the SYN
    /// named them, and the listener's rules. Its counters begin at zero.
    /// </summary>
    /// <param name="facts">The connection's socket, with <see cref="SocketFacts.Pair"/> and <see cref="SocketFacts.Connection"/>; without a signed connection it has no TCP-AO.</param>
    /// <returns>The socket; null where the connection is signed and the listener has no key for it any more: it cannot go on.</returns>
    public AoSocket? Establish(in SocketFacts facts)
    {
        var child = new AoSocket(_space) { _isActive = true };
        IpAddressBits peer = facts.Pair.Remote;
        if (FindMd5(peer, facts.Pair.Vrf) is { } md5)
        {
            child._md5.Add(md5.ForHost(peer));
        }

        if (!HasAo || facts.Connection is not { Protection: Protection.Signed } connection)
        {
            return child;
        }

        foreach (SocketKey key in _keys.Matching(facts.Pair, facts.Pair.Vrf))
        {
            child._keys.AddFirst(key.Copy());
        }

        if (child._keys.Count == 0)
        {
            return null;
        }

        child.HasAo = true;
        child.AoRequired = AoRequired;
        child.AcceptIcmps = AcceptIcmps;
        child._current = child._keys.Find(connection.CurrentKey) ?? child._keys.All.First();
        child._rnext = child._keys.Find(connection.RNextKey) ?? child._keys.All.First();
        child._connection = connection;
        child.LeadConnection(facts.Time);
        child._listener = this;
        _queued.Add(child);
        return child;
    }

    /// <summary>As <see cref="SocketNamespace.QueuedConnectionsFollowListener"/>, for the connections of this listener.</summary>
    public bool QueuedConnectionsFollow { get; set; }

    /// <summary>Whether it waits for <c>accept()</c>: the program has not had it yet.</summary>
    public bool IsQueued => _listener is not null;

    /// <summary>The program got this socket from <c>accept()</c>, or it is gone: it follows its listener no longer.</summary>
    public void Accept()
    {
        _listener?._queued.Remove(this);
        _listener = null;
    }

    private void LeaveAo()
    {
        Counters.Reset();
        HasAo = false;
        AoRequired = false;
        AcceptIcmps = false;
        _current = null;
        _rnext = null;
        _policies.Clear();
    }

    private void AddToQueued(SocketKey key, in SocketFacts facts)
    {
        if (!(QueuedConnectionsFollow || _space.QueuedConnectionsFollowListener))
        {
            return;
        }

        foreach (AoSocket child in _queued)
        {
            SocketPair pair = child._connection!.Pair;
            if (key.Matches(pair.Remote, pair.Vrf)
                && key.Ports.Contains(pair.LocalPort, pair.RemotePort)
                && !child._keys.HasOverlap(key.Address, key.PrefixLength, key.L3Index, (key.Key.SendId, key.Key.RecvId), key.Ports))
            {
                child._keys.AddFirst(key.Copy());
                child.Lead(facts with { Connection = null });
            }
        }
    }

    private void RemoveFromQueued(SocketKey key, in SocketFacts facts)
    {
        if (!(QueuedConnectionsFollow || _space.QueuedConnectionsFollowListener))
        {
            return;
        }

        foreach (AoSocket child in _queued)
        {
            child.Follow(facts with { State = TcpState.Established, Connection = null });
            if (child._keys.Find(key.Key) is { } own && !ReferenceEquals(own, child._current) && !ReferenceEquals(own, child._rnext))
            {
                child._keys.Remove(own);
                child.Lead(facts with { Connection = null });
            }
        }
    }
}
