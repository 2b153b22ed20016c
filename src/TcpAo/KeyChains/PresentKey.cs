using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>A key that a socket has.</summary>
/// <param name="SendId">Its SendID.</param>
/// <param name="RecvId">Its RecvID.</param>
/// <param name="Key">The key of the chain that it is, secret included; null for one that is not of the chain any more.</param>
/// <param name="IsCurrent">Whether segments are signed with it.</param>
/// <param name="IsRNext">Whether the peer is asked for it.</param>
/// <param name="Good">Segments that verified with it.</param>
internal readonly record struct PresentKey(byte SendId, byte RecvId, AoKey? Key, bool IsCurrent, bool IsRNext, ulong Good)
{
    /// <summary>Whether taking it off would need another in its place.</summary>
    public bool IsInUse => IsCurrent || IsRNext;

    public bool SharesId(AoKey key) => SendId == key.SendId || RecvId == key.RecvId;
}
