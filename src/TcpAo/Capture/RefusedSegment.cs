using TcpAo.Connections;

namespace TcpAo.Capture;

/// <summary>What an engine knew of a segment when it refused it; all that <see cref="RefusalHints"/> needs beside the packet.</summary>
/// <param name="Pair">Our end and the peer's.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Policy">The keys and rules of its peer.</param>
/// <param name="Keys">The keys that it could have named: the connection's, else the policy's.</param>
/// <param name="State">The connection's state; null where there was none.</param>
/// <param name="IsProtected">Whether the connection's two ends have signed already.</param>
/// <param name="LocalIsn">Our ISN, where known.</param>
/// <param name="RemoteIsn">The peer's ISN, where known.</param>
/// <param name="ReceiveSne">The SNE of the peer's highest verified sequence number.</param>
public sealed record RefusedSegment(
    SocketPair Pair,
    DropReason Reason,
    ConnectionPolicy Policy,
    Keys.KeyRing Keys,
    ConnectionState? State,
    bool IsProtected,
    uint? LocalIsn,
    uint? RemoteIsn,
    uint ReceiveSne)
{
    /// <summary>Notes what is known of a refused segment's connection.</summary>
    /// <param name="pair">Our end and the peer's.</param>
    /// <param name="reason">Why it was refused.</param>
    /// <param name="policy">The keys and rules of its peer.</param>
    /// <param name="connection">The connection, if there is one.</param>
    public static RefusedSegment Note(in SocketPair pair, DropReason reason, ConnectionPolicy policy, AoConnection? connection)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new RefusedSegment(
            pair,
            reason,
            policy,
            connection?.Keys ?? policy.Keys,
            connection?.State,
            connection?.Protection == Protection.Signed,
            connection?.LocalIsn,
            connection?.RemoteIsn,
            connection?.ReceiveSne ?? 0);
    }
}
