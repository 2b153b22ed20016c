using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using TcpAo.Linux.Users;

namespace TcpAo.Hosting.Control;

/// <summary>
/// Who may use the control socket: root, the user that the program runs as, and one group. Asked of the kernel for each connection, whatever the mode of the
/// file says.
/// </summary>
internal sealed class ControlAccess
{
    private long _group = -1;

    /// <summary>The group that may; null for none.</summary>
    public uint? Group
    {
        get => Interlocked.Read(ref _group) is >= 0 and var group ? (uint)group : null;
        set => Interlocked.Exchange(ref _group, value ?? -1L);
    }

    /// <summary>What a refused connection is told; null where it is not refused.</summary>
    public static string? RefusalOf(IDictionary<object, object?> items) => items.TryGetValue(typeof(ControlAccess), out object? refusal) ? (string?)refusal : null;

    /// <summary>Looks at who connected; the answer is left with the connection.</summary>
    public ConnectionDelegate Admit(ConnectionDelegate next) => connection =>
    {
        SocketPeer peer = UserAccess.PeerOf(connection.Features.Get<IConnectionSocketFeature>()!.Socket);
        bool may = peer.User == 0 || peer.User == UserAccess.EffectiveUser || (Group is { } group && peer.Groups.Contains(group));
        if (!may)
        {
            connection.Items[typeof(ControlAccess)] = $"User {peer.User} may not use this socket; root may, and the group that 'control:' names in the configuration.";
        }

        return next(connection);
    };
}
