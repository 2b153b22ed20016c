// RFC 5925 section 6.1: the key that the peer signs with is its choice; a key goes when the peer has left it.

using TcpAo.Keys;

namespace TcpAo.Connections;

public sealed partial class AoConnection
{
    // MSL: how long a segment may be under way (RFC 9293 section 3.4.2)
    private static readonly TimeSpan s_longestWay = TimeSpan.FromMinutes(2);

    // the key that the peer signs with: it is in use as long as no other has arrived
    private AoKey? _peerKey;
    private AoKey? _toldAsOver;

    /// <summary>
    /// Whether a key that is not accepted at this time is accepted on this connection nevertheless: the peer signs with it, or it was over only while the segment was under way, and there
    /// is one that is accepted. So neither a peer that does not follow nor a clock that is set ends a connection; another one cannot begin with such a key.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="now">The wall-clock time.</param>
    internal bool HoldsForPeer(AoKey key, DateTimeOffset now) =>
        !key.AcceptLifetime.IsEmpty
        && (ReferenceEquals(key, _peerKey) || (now >= key.AcceptLifetime.End && now - key.AcceptLifetime.End < s_longestWay))
        && RNextKey?.CanAccept(now) == true;

    /// <summary>Whether the key that the peer signs with is over, and that was not said yet.</summary>
    internal bool TakePeerKeyOver(DateTimeOffset now)
    {
        if (_peerKey is not { } key || key.CanAccept(now) || ReferenceEquals(key, _toldAsOver))
        {
            return false;
        }

        _toldAsOver = key;
        return true;
    }

    private void NotePeerKey(byte keyId)
    {
        AoKey? key = _ring.FindByRecvId(keyId);
        bool follows = _asked is not null && ReferenceEquals(key, RNextKey);
        if (follows)
        {
            _asked = null;
        }

        if (follows || !ReferenceEquals(key, _peerKey))
        {
            _peerKey = key;
            Settle();
        }
    }
}
