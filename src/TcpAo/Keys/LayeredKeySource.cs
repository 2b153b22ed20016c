using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// Two scopes of keys in one: where the first has rules for a connection, the second is not asked. So a policy owns a connection
/// for which a socket has keys as well.
/// </summary>
/// <param name="policy">Asked first.</param>
/// <param name="sockets">Asked where <paramref name="policy"/> has nothing.</param>
public sealed class LayeredKeySource(IKeySource policy, IKeySource sockets) : IKeySource
{
    /// <inheritdoc/>
    public ConnectionPolicy? Find(in SocketPair pair) => policy.Find(pair) ?? sockets.Find(pair);
}
