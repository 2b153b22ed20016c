using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;

namespace TcpAo.Hosting.Sockets;

/// <summary>The endpoints of Kestrel that have TCP-AO: what was asked for them, and their sockets once they are bound.</summary>
/// <param name="chains">The key chains.</param>
/// <param name="manager">Keeps their keys.</param>
internal sealed class TcpAoListeners(TcpAoKeyChains chains, TcpAoKeyManager manager)
{
    private readonly ConcurrentDictionary<EndPoint, Listener> _listeners = new();

    public void Require(EndPoint endPoint, string chain, IpPrefix peer)
    {
        Listener listener = _listeners.GetOrAdd(endPoint, _ => new Listener());
        lock (listener.Peers)
        {
            listener.Peers.Add((chain, peer));
        }
    }

    /// <summary>Gives a socket its keys before it listens. From then on it takes nothing unsigned.</summary>
    public void Protect(EndPoint endPoint, Socket socket)
    {
        if (!_listeners.TryGetValue(endPoint, out Listener? listener))
        {
            return;
        }

        TcpAoSupport.ThrowIfNotSupported();
        socket.SetTcpAoInfo(new TcpAoInfoChange { AoRequired = true });
        lock (listener.Peers)
        {
            foreach ((string chain, IpPrefix peer) in listener.Peers)
            {
                // ends with the socket
                _ = manager.Manage(socket, chains[chain], peer);
            }
        }

        listener.Socket = socket;
    }

    /// <summary>Whether a connection of an endpoint has TCP-AO and may go on: its keys are kept from now on.</summary>
    public TcpAoManagedKeys? Adopt(EndPoint endPoint, Socket accepted) =>
        _listeners.TryGetValue(endPoint, out Listener? listener) && listener.Socket is { } socket ? manager.Adopt(socket, accepted) : null;

    private sealed class Listener
    {
        public List<(string Chain, IpPrefix Peer)> Peers { get; } = [];

        public Socket? Socket { get; set; }
    }
}
