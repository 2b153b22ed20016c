using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>Which chain a captured connection uses and which of its ends is the local one of that chain.</summary>
/// <param name="Keys">The chain's keys.</param>
/// <param name="Pair">The connection as the chain's local end sees it.</param>
/// <param name="Nat">Sides that a NAT hides.</param>
internal sealed record KeyBinding(KeyRing Keys, SocketPair Pair, NatSides Nat)
{
    /// <summary>
    /// Whether the orientation is a guess: found by trial, and every key that verified so far has one id for both directions.
    /// </summary>
    public bool IsGuess { get; init; }

    /// <summary>Whether the ids are those of the other end: how a guess is mended.</summary>
    public bool IsFlipped { get; init; }

    /// <summary>Whether a segment from <paramref name="source"/> comes from the local end.</summary>
    public bool IsFromLocal(in CaptureEndpoint source) => source.Address == Pair.Local && source.Port == Pair.LocalPort;

    /// <summary>The key that a KeyID names in this direction .</summary>
    public AoKey? FindKey(byte keyId, bool fromLocal) => fromLocal != IsFlipped ? Keys.FindBySendId(keyId) : Keys.FindByRecvId(keyId);

    /// <summary>The binding after <paramref name="key"/> verified: a key with two ids settles the orientation.</summary>
    public KeyBinding Settle(AoKey key) => IsGuess && key.SendId != key.RecvId ? this with { IsGuess = false } : this;

    /// <summary>The segment's direction, hidden sides hidden.</summary>
    public SegmentFlow Flow(bool fromLocal) => fromLocal ? SegmentFlow.Outbound(Pair, Nat) : SegmentFlow.Inbound(Pair, Nat);
}
