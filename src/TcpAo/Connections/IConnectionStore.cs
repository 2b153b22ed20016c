namespace TcpAo.Connections;

/// <summary>
/// Keeps connections beyond the life of an engine, so that a restart continues every session. Called on the thread of the engine's caller,
/// before the decision that depends on what changed is returned. It must not call the engine.
/// </summary>
/// <remarks>
/// Nothing passes while no engine runs, so that a sequence number less than 2^31 old is enough to find the SNE again: marks are kept every
/// 2^28 bytes, not with every segment.
/// </remarks>
public interface IConnectionStore
{
    /// <summary>Keeps a connection, in place of what was kept of it before. It holds no secret; its keys are named by id.</summary>
    /// <param name="connection">The connection; <see cref="AoConnection.Save"/> is what to keep.</param>
    void Keep(AoConnection connection);

    /// <summary>A connection is over.</summary>
    void Forget(AoConnection connection);
}
