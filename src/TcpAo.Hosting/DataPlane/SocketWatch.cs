using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Keeps the engine's connections in step with the kernel's sockets: a socket that is gone lets its keys go a while later; at the start, sockets that were
/// there before us and were never protected are cut where their peer must be.
/// </summary>
internal sealed class SocketWatch : IDisposable
{
    private const int LongestWait = 500;

    private readonly WorkerGroup _workers;
    private readonly HostLinks _links;
    private readonly SockDiagMonitor _monitor;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public SocketWatch(WorkerGroup workers, HostLinks links)
    {
        _workers = workers;
        _links = links;
        _monitor = SockDiagMonitor.Open();
        _thread = new Thread(Run) { Name = "tcpao sockets", IsBackground = true };
    }

    /// <summary>Begins to watch. Events wait from the moment that this was made.</summary>
    public void Start() => _thread.Start();

    /// <summary>Compares the sockets that there are with the connections that were restored; called before the workers run.</summary>
    /// <param name="policy">Which connections must be protected.</param>
    /// <param name="held">Connections that wait for their keys: they are not cut.</param>
    /// <param name="time">The time.</param>
    /// <param name="log">Takes lines for the operator.</param>
    public void Reconcile(IKeySource policy, IReadOnlySet<SocketPair> held, EngineTime time, Action<string> log)
    {
        using SockDiag diag = SockDiag.Open();
        IReadOnlyList<TcpSocket> sockets = ListFrom(diag);
        foreach (QueueWorker worker in _workers.All)
        {
            CloseVanished(worker.Engine, sockets, time);
        }

        foreach (TcpSocket socket in sockets.Where(socket => socket.State is not (TcpState.Listen or TcpState.TimeWait)))
        {
            // TCP MD5 needs no record: whether such a connection was protected shows with its next segment
            if (_workers.Of(socket.Pair).Engine.FindConnection(socket.Pair) is not null || held.Contains(socket.Pair) || policy.Find(socket.Pair) is not { IsMd5: false, Mode: PeerMode.Required } peer)
            {
                continue;
            }

            bool cut = diag.Destroy(socket.Pair, socket.Cookie, socket.InterfaceIndex);
            log($"{socket.Pair}: was there before, without protection that we know of{(cut ? ", and is cut" : string.Empty)}: peer {peer.Name} must be protected");
        }
    }

    public void Dispose()
    {
        _stopping = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _monitor.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            if (_monitor.TryRead(LongestWait, out TcpSocket gone))
            {
                SocketPair pair = _links.PairOf(gone);
                QueueWorker worker = _workers.Of(pair);
                worker.Post(engine => engine.Close(pair, worker.Now()));
            }
            else if (_monitor.TakeLost())
            {
                foreach (QueueWorker worker in _workers.All)
                {
                    worker.Post(engine => CloseVanished(engine, worker.Now()));
                }
            }
        }
    }

    private void CloseVanished(AoEngine engine, EngineTime time)
    {
        using SockDiag diag = SockDiag.Open();
        CloseVanished(engine, ListFrom(diag), time);
    }

    private IReadOnlyList<TcpSocket> ListFrom(SockDiag diag) => [.. diag.List().Select(socket => socket with { Pair = _links.PairOf(socket) })];

    private static void CloseVanished(AoEngine engine, IReadOnlyList<TcpSocket> sockets, EngineTime time)
    {
        var alive = sockets.Select(socket => socket.Pair).ToHashSet();
        foreach (SocketPair pair in engine.Connections.Select(connection => connection.Pair).Where(pair => !alive.Contains(pair)).ToArray())
        {
            engine.Close(pair, time);
        }
    }
}
