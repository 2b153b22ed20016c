using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyStores.Etcd;

/// <summary>
/// Key chains in etcd 3.4 or later, over its JSON gateway. Reads are linearizable: a member that is cut off from the majority does not answer with what is old.
/// Writes compare the revision at which an entry was last changed, in a transaction.
/// </summary>
/// <param name="configuration">Where it is, and who we are.</param>
public sealed class EtcdKeyStore(KeyStoreConfiguration configuration) : IKeyStore
{
    private const string Deleted = "DELETE";

    private readonly EtcdClient _client = new(configuration);
    private readonly string _prefix = configuration.Prefix;

    /// <inheritdoc/>
    public async Task<StoreSnapshot> ReadAsync(string prefix, CancellationToken cancellation)
    {
        byte[] from = Key(prefix);
        EtcdMessages.RangeAnswer answer = await _client.AskAsync("kv/range", new EtcdMessages.Range(from, EndOf(from)), EtcdJson.Default.Range, EtcdJson.Default.RangeAnswer, cancellation).ConfigureAwait(false);
        return new StoreSnapshot(answer.Header?.Revision ?? 0, [.. (answer.Kvs ?? []).Select(entry => new StoreEntry(NameOf(entry.Key), entry.Value ?? [], entry.ModRevision))]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreEntry> WatchAsync(string prefix, long fromRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] from = Key(prefix);
        var request = new EtcdMessages.Watch(new EtcdMessages.WatchCreate(from, EndOf(from), fromRevision));
        using HttpResponseMessage response = await _client.OpenAsync("watch", request, EtcdJson.Default.Watch, cancellation).ConfigureAwait(false);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await ReadLineAsync(lines, cancellation).ConfigureAwait(false) is { } line)
        {
            EtcdMessages.WatchAnswer? answer = Parse(line);
            foreach (EtcdMessages.Change change in answer?.Events ?? [])
            {
                if (change.Kv is { } entry)
                {
                    bool isGone = string.Equals(change.Type, Deleted, StringComparison.Ordinal);
                    yield return new StoreEntry(NameOf(entry.Key), isGone ? null : entry.Value ?? [], entry.ModRevision);
                }
            }
        }

        throw new KeyStoreException(KeyStoreFailure.Unreachable, "The key store ended the watch.");
    }

    /// <inheritdoc/>
    public async Task<long?> TryWriteAsync(string name, byte[] value, long expectedRevision, CancellationToken cancellation)
    {
        byte[] key = Key(name);
        var transaction = new EtcdMessages.Transaction([new EtcdMessages.Comparison(key, expectedRevision)], [new EtcdMessages.Operation(new EtcdMessages.Put(key, value, 0))]);
        EtcdMessages.TransactionAnswer answer = await _client.AskAsync(
            "kv/txn", transaction, EtcdJson.Default.Transaction, EtcdJson.Default.TransactionAnswer, cancellation, mayRepeat: false).ConfigureAwait(false);
        return answer.Succeeded ? answer.Header?.Revision : null;
    }

    /// <inheritdoc/>
    public async Task<long> GrantLeaseAsync(TimeSpan life, CancellationToken cancellation) =>
        (await _client.AskAsync("lease/grant", new EtcdMessages.Lease(0, (long)life.TotalSeconds), EtcdJson.Default.Lease, EtcdJson.Default.Lease, cancellation).ConfigureAwait(false)).Id;

    /// <inheritdoc/>
    public async Task<bool> KeepAliveAsync(long lease, CancellationToken cancellation)
    {
        EtcdMessages.KeepAliveLine answer = await _client.AskAsync("lease/keepalive", new EtcdMessages.Lease(lease, 0), EtcdJson.Default.Lease, EtcdJson.Default.KeepAliveLine, cancellation).ConfigureAwait(false);
        return answer.Result is { Life: > 0 };
    }

    /// <inheritdoc/>
    public Task WriteAsync(string name, byte[] value, long lease, CancellationToken cancellation) =>
        _client.AskAsync("kv/put", new EtcdMessages.Put(Key(name), value, lease), EtcdJson.Default.Put, EtcdJson.Default.PutAnswer, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static async Task<string?> ReadLineAsync(StreamReader lines, CancellationToken cancellation)
    {
        try
        {
            return await lines.ReadLineAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new KeyStoreException(KeyStoreFailure.Unreachable, $"The connection to the key store broke: {error.Message}", error);
        }
    }

    private static EtcdMessages.WatchAnswer? Parse(string line)
    {
        EtcdMessages.WatchLine? parsed;
        try
        {
            parsed = line.Length == 0 ? null : JsonSerializer.Deserialize(line, EtcdJson.Default.WatchLine);
        }
        catch (JsonException error)
        {
            throw new KeyStoreException(KeyStoreFailure.Refused, "The key store answers a watch with something that is no JSON.", error);
        }

        if (parsed?.Error is { } failure)
        {
            throw EtcdClient.FailureOf(failure);
        }

        return parsed?.Result is not { Canceled: true } answer ? parsed?.Result
            : answer.CompactRevision > 0 ? throw new KeyStoreException(KeyStoreFailure.Compacted, "The key store no longer has the changes since the last look.")
            : throw new KeyStoreException(KeyStoreFailure.Denied, $"The key store ended the watch: {answer.CancelReason}");
    }

    /// <summary>The first key that does not begin with this one.</summary>
    private static byte[] EndOf(byte[] prefix)
    {
        byte[] end = [.. prefix];
        end[^1]++;
        return end;
    }

    private byte[] Key(string name) => Encoding.UTF8.GetBytes(_prefix + name);

    private string NameOf(byte[] key) => Encoding.UTF8.GetString(key)[_prefix.Length..];
}
