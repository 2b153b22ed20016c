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
    /// <summary>Whether a segment from <paramref name="source"/> comes from the local end.</summary>
    public bool IsFromLocal(in CaptureEndpoint source) => source.Address == Pair.Local && source.Port == Pair.LocalPort;

    /// <summary>The key that a KeyID names in this direction .</summary>
    public AoKey? FindKey(byte keyId, bool fromLocal) => fromLocal ? Keys.FindBySendId(keyId) : Keys.FindByRecvId(keyId);

    /// <summary>The segment's direction, hidden sides hidden.</summary>
    public SegmentFlow Flow(bool fromLocal) => fromLocal ? SegmentFlow.Outbound(Pair, Nat) : SegmentFlow.Inbound(Pair, Nat);
}
