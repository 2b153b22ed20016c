using TcpAo.Connections;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

/// <summary>The workers of a host, one a queue. A connection is always on the one that the rules send both its directions to.</summary>
internal sealed class WorkerGroup : IDisposable
{
    private readonly NftModel _spread;

    /// <param name="spread">The rules; what matters is how they spread connections, which stays for the life of the group.</param>
    /// <param name="create">Makes the worker of a queue, by its place.</param>
    public WorkerGroup(NftModel spread, Func<int, QueueWorker> create)
    {
        _spread = spread;
        var workers = new List<QueueWorker>(spread.QueueCount);
        All = workers;
        try
        {
            for (int at = 0; at < spread.QueueCount; at++)
            {
                workers.Add(create(at));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Ended = Task.WhenAny(All.Select(worker => worker.Ended.Task)).Unwrap();
    }

    /// <summary>The workers in the order of their queues.</summary>
    public IReadOnlyList<QueueWorker> All { get; }

    /// <summary>Completes when the first worker ends; failed when it ended by itself. What its queue gets is dropped from then on.</summary>
    public Task Ended { get; } = Task.CompletedTask;

    /// <summary>The worker that a connection is on.</summary>
    public QueueWorker Of(in SocketPair pair) => All[_spread.QueueOf(pair)];

    public void Start()
    {
        foreach (QueueWorker worker in All)
        {
            worker.Start();
        }
    }

    /// <summary>Has something done on each worker's thread, one after the other, and waits for it.</summary>
    public void Do(Action<AoEngine> action)
    {
        foreach (QueueWorker worker in All)
        {
            worker.Do(() => action(worker.Engine));
        }
    }

    public void Dispose()
    {
        foreach (QueueWorker worker in All)
        {
            worker.Dispose();
        }
    }
}
