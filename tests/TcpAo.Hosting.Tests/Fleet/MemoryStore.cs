using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Tests.Fleet;

/// <summary>A key store in memory that several clients share, each of which can be killed at its n-th write: before it is done, or after it without an answer.</summary>
internal sealed class MemoryStore
{
    private readonly Lock _gate = new();
    private readonly List<Channel<StoreEntry>> _watches = [];
    private readonly Dictionary<string, StoreEntry> _entries = new(StringComparer.Ordinal);
    private long _revision = 1;

    /// <summary>Writes that were done.</summary>
    public int Writes { get; private set; }

    /// <summary>A client.</summary>
    /// <param name="killAt">Which of its writes kills it, from 1; 0 for none.</param>
    /// <param name="afterwards">Whether the write is done all the same.</param>
    public IKeyStore Connect(int killAt = 0, bool afterwards = false) => new Client(this, killAt, afterwards);

    public long? TryWrite(string name, byte[]? value, long? expected)
    {
        lock (_gate)
        {
            if (expected is { } wanted && (_entries.GetValueOrDefault(name)?.Revision ?? 0) != wanted)
            {
                return null;
            }

            var entry = new StoreEntry(name, value, ++_revision);
            if (value is null)
            {
                _entries.Remove(name);
            }
            else
            {
                _entries[name] = entry;
            }

            Writes++;
            _watches.ForEach(watch => watch.Writer.TryWrite(entry));
            return _revision;
        }
    }

    private StoreSnapshot Read(string prefix)
    {
        lock (_gate)
        {
            return new StoreSnapshot(_revision, [.. _entries.Values.Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal))]);
        }
    }

    private Channel<StoreEntry> Watch(long from)
    {
        lock (_gate)
        {
            var watch = Channel.CreateUnbounded<StoreEntry>();
            foreach (StoreEntry entry in _entries.Values.Where(entry => entry.Revision >= from).OrderBy(entry => entry.Revision))
            {
                watch.Writer.TryWrite(entry);
            }

            _watches.Add(watch);
            return watch;
        }
    }

    /// <summary>What ends a client that is killed.</summary>
    internal sealed class KilledException : Exception;

    private sealed class Client(MemoryStore store, int killAt, bool afterwards) : IKeyStore
    {
        private int _writes;

        public Task<StoreSnapshot> ReadAsync(string prefix, CancellationToken cancellation) => Task.FromResult(store.Read(prefix));

        public async IAsyncEnumerable<StoreEntry> WatchAsync(string prefix, long fromRevision, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (StoreEntry entry in store.Watch(fromRevision).Reader.ReadAllAsync(cancellation))
            {
                if (entry.Name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    yield return entry;
                }
            }
        }

        public Task<long?> TryWriteAsync(string name, byte[] value, long expectedRevision, CancellationToken cancellation)
        {
            bool isKilled = ++_writes == killAt;
            if (isKilled && !afterwards)
            {
                throw new KilledException();
            }

            long? revision = store.TryWrite(name, value, expectedRevision);
            return isKilled ? throw new KilledException() : Task.FromResult(revision);
        }

        public Task<long> GrantLeaseAsync(TimeSpan life, CancellationToken cancellation) => Task.FromResult(1L);

        public Task<bool> KeepAliveAsync(long lease, CancellationToken cancellation) => Task.FromResult(true);

        public Task WriteAsync(string name, byte[] value, long lease, CancellationToken cancellation) => Task.FromResult(store.TryWrite(name, value, null));

        public void Dispose()
        {
        }
    }
}
