namespace TcpAo.Hosting.KeyStores;

/// <summary>
/// Where key chains are kept for many hosts. Names are relative to the store's prefix. Whatever goes wrong is a <see cref="KeyStoreException"/>; who reads
/// decides what that means, which is never that keys in use go.
/// </summary>
public interface IKeyStore : IDisposable
{
    /// <summary>All entries whose name begins with a prefix, as they were at one revision.</summary>
    Task<StoreSnapshot> ReadAsync(string prefix, CancellationToken cancellation);

    /// <summary>The changes from a revision on, in their order, until cancelled.</summary>
    /// <exception cref="KeyStoreException">Among others <see cref="KeyStoreFailure.Compacted"/>: the revision is no longer there; read again.</exception>
    IAsyncEnumerable<StoreEntry> WatchAsync(string prefix, long fromRevision, CancellationToken cancellation);

    /// <summary>Writes an entry if nobody else has meanwhile.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="expectedRevision">The revision that it was last changed at, as the caller saw it; 0 where it must not exist.</param>
    /// <param name="cancellation">Ends the wait; whether it was written is unknown then.</param>
    /// <returns>The new revision; null where somebody else was first, and then nothing changed.</returns>
    Task<long?> TryWriteAsync(string name, byte[] value, long expectedRevision, CancellationToken cancellation);

    /// <summary>Begins a lease: entries under it go when it ends.</summary>
    /// <param name="life">How long it lasts without <see cref="KeepAliveAsync"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<long> GrantLeaseAsync(TimeSpan life, CancellationToken cancellation);

    /// <summary>Prolongs a lease; false where it has ended.</summary>
    Task<bool> KeepAliveAsync(long lease, CancellationToken cancellation);

    /// <summary>Writes an entry under a lease, whatever was there.</summary>
    Task WriteAsync(string name, byte[] value, long lease, CancellationToken cancellation);
}
