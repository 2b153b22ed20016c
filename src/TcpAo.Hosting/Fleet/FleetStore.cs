using System.Collections.Immutable;
using System.Text.Json;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>
/// The chains of a fleet as its operators change them. Each change compares the revision that it was made from: of two operators one is told that the other was
/// first. The seal of a document is checked before anything is decided by it.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="configuration">Its configuration, for the key-encryption keys.</param>
public sealed class FleetStore(IKeyStore store, KeyStoreConfiguration configuration) : IDisposable
{
    private readonly Dictionary<string, ImmutableArray<ChainKek>> _keks = new(StringComparer.Ordinal);

    /// <summary>The key-encryption key that a chain is wrapped and sealed under from now on.</summary>
    /// <exception cref="FleetException">The configuration does not name the chain.</exception>
    /// <exception cref="ConfigurationException">The key cannot be used.</exception>
    public ChainKek KekOf(string chain) => KeksOf(chain)[0];

    /// <summary>Reads a chain and its hosts.</summary>
    /// <exception cref="KeyStoreException">The store does not answer.</exception>
    /// <exception cref="FleetException">The document is not one of ours.</exception>
    public async Task<FleetChain> ReadAsync(string chain, CancellationToken cancellation)
    {
        (FleetChain read, _) = await SnapshotAsync(chain, cancellation).ConfigureAwait(false);
        return read;
    }

    /// <summary>The same, and goes on with every change, the newest at each time, until cancelled.</summary>
    public async Task WatchAsync(string chain, Action<FleetChain> changed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(changed);
        while (true)
        {
            (FleetChain now, long revision) = await SnapshotAsync(chain, cancellation).ConfigureAwait(false);
            changed(now);
            try
            {
                await foreach (StoreEntry entry in store.WatchAsync("", revision + 1, cancellation).ConfigureAwait(false))
                {
                    now = With(now, chain, entry);
                    changed(now);
                }
            }
            catch (KeyStoreException error) when (error.Failure == KeyStoreFailure.Compacted)
            {
                // read anew
            }
        }
    }

    /// <summary>Writes a chain.</summary>
    /// <returns>The new revision; null where somebody else was first.</returns>
    public Task<long?> TryWriteAsync(ChainDocument document, long revision, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(document);
        string chain = document.KeyChain.Name;
        return store.TryWriteAsync(ChainDocument.NameOf(chain), KekOf(chain).Seal(document), revision, cancellation);
    }

    /// <summary>Puts a chain that is made of another one, in one step.</summary>
    /// <param name="chain">Its name.</param>
    /// <param name="change">Makes the new one; null leaves it as it is.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What the store has afterwards.</returns>
    /// <exception cref="FleetException">Somebody else was first.</exception>
    public async Task<ChainDocument> ChangeAsync(string chain, Func<ChainDocument?, ChainDocument?> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        FleetChain now = await ReadAsync(chain, cancellation).ConfigureAwait(false);
        if (change(now.Document) is not { } next)
        {
            return now.Document!;
        }

        return await TryWriteAsync(next, now.Revision, cancellation).ConfigureAwait(false) is not null
            ? next
            : throw new FleetException($"somebody else changed {chain} at the same time; nothing was done: look at 'tcpao fleet status' and decide again");
    }

    /// <summary>Unwraps all secrets of a chain and wraps them under the newest key-encryption key.</summary>
    /// <exception cref="FleetException">A secret is wrapped under neither key.</exception>
    public StoredChain Rewrap(StoredChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return chain with { Keys = [.. chain.Keys.Select(key => Rewrap(chain.Name, key))] };
    }

    /// <summary>The same for one key.</summary>
    public StoredKey Rewrap(string chain, StoredKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        using Crypto.Secret secret = KeksOf(chain).Select(kek => kek.Unwrap(key.SecretWrapped)).FirstOrDefault(static found => found is not null)
            ?? throw new FleetException($"the secret of {chain}/{key.Id} is wrapped under neither the kek-file nor the old-kek-file of the configuration");
        return key with { SecretWrapped = KekOf(chain).Wrap(secret) };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ChainKek kek in _keks.Values.SelectMany(static keks => keks))
        {
            kek.Dispose();
        }

        store.Dispose();
    }

    private async Task<(FleetChain Chain, long Revision)> SnapshotAsync(string chain, CancellationToken cancellation)
    {
        _ = KeksOf(chain);
        StoreSnapshot snapshot = await store.ReadAsync("", cancellation).ConfigureAwait(false);
        FleetChain now = snapshot.Entries.Aggregate(new FleetChain(null, 0, ImmutableDictionary.Create<string, HostDocument>(StringComparer.Ordinal)), (all, entry) => With(all, chain, entry));
        return (now, snapshot.Revision);
    }

    private FleetChain With(FleetChain now, string chain, StoreEntry entry)
    {
        if (string.Equals(entry.Name, ChainDocument.NameOf(chain), StringComparison.Ordinal))
        {
            return now with { Document = entry.Value is { } content ? Read(chain, content) : null, Revision = entry.Revision };
        }

        if (!entry.Name.StartsWith(HostDocument.Folder, StringComparison.Ordinal))
        {
            return now;
        }

        // a host is who its entry says, whatever stands in it: roles are given by the entry's name
        string host = entry.Name[HostDocument.Folder.Length..];
        return now with { Hosts = entry.Value is { } report && TryRead(report) is { } read ? now.Hosts.SetItem(host, read with { Host = host }) : now.Hosts.Remove(host) };
    }

    private ChainDocument Read(string chain, byte[] content)
    {
        ChainDocument? document = null;
        try
        {
            document = JsonSerializer.Deserialize(content, KeyStoreJson.Default.ChainDocument);
        }
        catch (JsonException)
        {
            // said below
        }

        return document is null || !string.Equals(document.Schema, ChainDocument.SchemaName, StringComparison.Ordinal) || !string.Equals(document.KeyChain.Name, chain, StringComparison.Ordinal)
            ? throw new FleetException($"what the store has of {chain} is not {ChainDocument.SchemaName}: somebody else wrote it; nothing was done")
            : KeksOf(chain).Any(kek => kek.IsSealed(document))
            ? document
            : throw new FleetException($"{chain} is not sealed with the key-encryption key of this configuration, or was changed since; nothing was done");
    }

    private static HostDocument? TryRead(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, KeyStoreJson.Default.HostDocument);
        }
        catch (JsonException)
        {
            // counts as a host that does not report
            return null;
        }
    }

    private ImmutableArray<ChainKek> KeksOf(string chain)
    {
        if (_keks.TryGetValue(chain, out ImmutableArray<ChainKek> known))
        {
            return known;
        }

        StoredChainConfiguration named = configuration.Chains.FirstOrDefault(each => string.Equals(each.Name, chain, StringComparison.Ordinal))
            ?? throw new FleetException($"the configuration has no chain {Shown.Quoted(chain)} under 'key-store:'; it has {string.Join(", ", configuration.Chains.Select(each => each.Name))}");
        string?[] files = [named.KekFile, named.OldKekFile];
        return _keks[chain] = [.. files.OfType<string>().Select(ChainKek.Read)];
    }
}
