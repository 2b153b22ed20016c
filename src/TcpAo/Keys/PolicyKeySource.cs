using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// Keys by policy, for a whole network namespace: of several peers that cover a connection the most specific owns it.
/// </summary>
/// <param name="peers">The peers' policies; see <see cref="PeerTable"/> for the order of precedence.</param>
public sealed class PolicyKeySource(PeerTable<ConnectionPolicy> peers) : IKeySource
{
    /// <inheritdoc/>
    public ConnectionPolicy? Find(in SocketPair pair) => peers.TryFind(pair, out ConnectionPolicy? policy) ? policy : null;
}
