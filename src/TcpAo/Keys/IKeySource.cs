using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// Answers which keys and rules apply to a connection. A source is an immutable snapshot: a change is another source, given
/// to <see cref="AoEngine.UseKeys"/>.
/// </summary>
public interface IKeySource
{
    /// <summary>
    /// The rules of a connection, or null when it has none. The same pair gets the same object as long as nothing changed, so that
    /// a lookup costs no allocation.
    /// </summary>
    ConnectionPolicy? Find(in SocketPair pair);
}
