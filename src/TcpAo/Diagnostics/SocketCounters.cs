using System.Runtime.CompilerServices;
using TcpAo.Keys;

namespace TcpAo.Diagnostics;

/// <summary>What Linux keeps for one socket: five counters, and two for each of its keys. A listener's count the handshakes of its connections.</summary>
public sealed class SocketCounters
{
    // made when first asked: an accepted connection's are kept by the connection
    private ConditionalWeakTable<AoKey, KeyCounters>? _keys;

    /// <summary>The socket's own.</summary>
    public AoCounters Total { get; } = new();

    /// <summary>A key's on this socket.</summary>
    public KeyCounters GetKey(AoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _keys ??= [];
        return _keys.TryGetValue(key, out KeyCounters? counters) ? counters : _keys.GetOrAdd(key, static _ => new KeyCounters());
    }
}
