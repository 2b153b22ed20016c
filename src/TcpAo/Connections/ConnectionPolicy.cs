using TcpAo.Diagnostics;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Connections;

/// <summary>
/// The keys and rules of a connection or of all connections with a peer. Immutable: a change is another policy.
/// </summary>
public sealed class ConnectionPolicy
{
    /// <summary>Creates a policy.</summary>
    /// <param name="name">The peer's or socket's name, for people.</param>
    /// <param name="keys">The keys.</param>
    public ConnectionPolicy(string name, KeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(keys);
        Name = name;
        Keys = keys;
        IsMd5 = keys.Keys.Length > 0 && keys.Keys.All(key => key.Algorithm.IsTcpMd5);
    }

    /// <summary>The peer's or socket's name, for people.</summary>
    public string Name { get; }

    /// <summary>The keys.</summary>
    public KeyRing Keys { get; }

    /// <summary>What happens to unsigned segments.</summary>
    public PeerMode Mode { get; init; } = PeerMode.Required;

    /// <summary>Whether keys were given by policy or by socket: the two differ where Linux and router practice do.</summary>
    public KeyScope Scope { get; init; } = KeyScope.Policy;

    /// <summary>
    /// What happens to a segment whose KeyID names no key. <see cref="UnknownKeyAction.Accept"/> counts only where unsigned
    /// segments may pass: in <see cref="PeerMode.Required"/> such a segment is refused all the same.
    /// </summary>
    public UnknownKeyAction UnknownKey { get; init; } = UnknownKeyAction.Drop;

    /// <summary>Whether a TCP-AO segment on an unsigned connection is refused (R-075; <c>reject-unexpected</c>).</summary>
    public bool RejectUnexpected { get; init; } = true;

    /// <summary>Whether connections begin with <see cref="AoConnection.LockCurrentKey"/> set: the peer's wishes do not change the key that we sign with.</summary>
    public bool LockCurrentKey { get; init; }

    /// <summary>Whether connections begin with <see cref="AoConnection.LockRNextKey"/> set: lifetimes do not change the key that we ask for.</summary>
    public bool LockRNextKey { get; init; }

    /// <summary>What becomes of a connection when no key may sign. The engine holds its segments back either way; whoever calls it tells the program.</summary>
    public NoKeyAction NoKey { get; init; } = NoKeyAction.Reject;

    /// <summary>Whether ICMP hard errors reach synchronized connections .</summary>
    public bool AcceptIcmps { get; init; }

    /// <summary>The ends whose address and port a NAT hides (RFC 6978, R-118).</summary>
    public NatSides Nat { get; init; }

    /// <summary>The key that a connection starts to sign with, where a socket says so; null for the first one that may.</summary>
    public AoKey? StartCurrentKey { get; init; }

    /// <summary>The key that a connection starts to ask for, where a socket says so; null for the first one that may.</summary>
    public AoKey? StartRNextKey { get; init; }

    /// <summary>
    /// Whether a connection keeps a key that it uses and that the policy no longer has. Not so on a socket: who deletes a key there
    /// has named another in its place.
    /// </summary>
    public bool HoldsKeysInUse { get; init; } = true;

    /// <summary>The listener that counts what belongs to a handshake, as on Linux; null where connections count all of it.</summary>
    public SocketCounters? Listener { get; init; }

    /// <summary>Whether the keys are TCP MD5 keys (RFC 2385): a peer has those or TCP-AO keys, never both .</summary>
    public bool IsMd5 { get; }

    /// <summary>Whether unsigned segments may pass.</summary>
    internal bool AllowsUnsigned => Mode != PeerMode.Required;

    /// <summary>Whether a segment with an unknown KeyID may pass, without protection.</summary>
    internal bool AcceptsUnknownKey => UnknownKey == UnknownKeyAction.Accept && AllowsUnsigned;

    /// <summary>The key that a connection starts to sign with, or null when none is valid.</summary>
    internal AoKey? FirstSendKey(DateTimeOffset now) =>
        Scope == KeyScope.Socket ? (StartCurrentKey?.CanSend(now) == true ? StartCurrentKey : FirstValid(now, sending: true)) : KeyChainSelector.SendKey(Keys.Keys.AsSpan(), now);

    /// <summary>The key that we ask the peer to use, or null when none is accepted.</summary>
    internal AoKey? FirstRNextKey(DateTimeOffset now) =>
        Scope == KeyScope.Socket ? (StartRNextKey?.CanAccept(now) == true ? StartRNextKey : FirstValid(now, sending: false)) : KeyChainSelector.RNextKey(Keys.Keys.AsSpan(), now);

    private AoKey? FirstValid(DateTimeOffset now, bool sending)
    {
        foreach (AoKey key in Keys.Keys)
        {
            if (sending ? key.CanSend(now) : key.CanAccept(now))
            {
                return key;
            }
        }

        return null;
    }
}
