namespace TcpAo.KeyChains;

/// <summary>What a socket is, as far as its keys go.</summary>
internal enum SocketRole
{
    /// <summary>Neither connected nor listening.</summary>
    Unconnected,

    /// <summary>It listens: it has no current_key and no rnext_key, and every key may be used at any time.</summary>
    Listener,

    /// <summary>It is connected, or about to be.</summary>
    Connection,
}
