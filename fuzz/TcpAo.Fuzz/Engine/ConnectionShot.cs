using TcpAo.Connections;

namespace TcpAo.Fuzz.Engine;

/// <summary>All that an engine knows of a connection.</summary>
internal readonly record struct ConnectionShot(SavedConnection Saved, PendingSyn? Pending, long Deadline, byte? LastKeyId, byte? LastRNextKeyId)
{
    public static ConnectionShot Of(AoConnection connection) =>
        new(connection.Save(), connection.Pending, connection.Deadline, connection.LastKeyId, connection.LastRNextKeyId);

    /// <summary>The same without the keys in use, which follow keys and clock whatever a segment says.</summary>
    public ConnectionShot WithoutKeys() => this with { Saved = Saved with { CurrentSendId = null, RNextRecvId = null, PeerRecvId = null } };

    /// <summary>All connections of an engine.</summary>
    public static Dictionary<SocketPair, ConnectionShot> All(AoEngine engine) => engine.Connections.ToDictionary(connection => connection.Pair, Of);
}
