namespace TcpAo.Connections;

public sealed partial class AoConnection
{
    private const int NoIds = 0;
    private const int PartBits = 9;

    // what was seen at the last look: for each of the three an id and whether there is one
    private int _stampedIds = NoIds;

    /// <summary>Since when we sign with <see cref="CurrentKey"/>, by the wall clock of the segment at which it was first seen; null when there is none. After a restart: since the restart.</summary>
    public DateTimeOffset? CurrentKeySince { get; private set; }

    /// <summary>Since when we ask for <see cref="RNextKey"/>, likewise.</summary>
    public DateTimeOffset? RNextKeySince { get; private set; }

    /// <summary>Since when the peer signs with <see cref="LastKeyId"/>, likewise.</summary>
    public DateTimeOffset? LastKeySince { get; private set; }

    /// <summary>Notes since when ids are what they are. One comparison where nothing changed.</summary>
    internal void Stamp(DateTimeOffset now)
    {
        int ids = Part(CurrentKey?.SendId, 0) | Part(RNextKey?.RecvId, 1) | Part(LastKeyId, 2);
        if (ids == _stampedIds)
        {
            return;
        }

        int changed = ids ^ _stampedIds;
        _stampedIds = ids;
        CurrentKeySince = Since(CurrentKeySince, CurrentKey is not null, changed, 0, now);
        RNextKeySince = Since(RNextKeySince, RNextKey is not null, changed, 1, now);
        LastKeySince = Since(LastKeySince, LastKeyId is not null, changed, 2, now);
    }

    private static DateTimeOffset? Since(DateTimeOffset? before, bool isThere, int changed, int part, DateTimeOffset now)
    {
        const int Mask = 0x1FF;
        return !isThere ? null : (changed & (Mask << (PartBits * part))) == 0 ? before : now;
    }

    private static int Part(byte? id, int part)
    {
        const int IsThere = 0x100;
        return id is { } value ? (value | IsThere) << (PartBits * part) : 0;
    }
}
