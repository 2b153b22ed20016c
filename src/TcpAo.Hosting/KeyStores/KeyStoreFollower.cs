using System.Text.Json;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Control.Status;
using TcpAo.Hosting.KeyStores.Etcd;

namespace TcpAo.Hosting.KeyStores;

/// <summary>
/// Follows the key store for a running program: what is new there goes into force, and how far this host is goes back under a lease. A store that does not answer,
/// and a document that is wrong, change nothing in use. Begins with the copy on disk.
/// </summary>
public sealed class KeyStoreFollower : IDisposable
{
    private const string NotAsked = "it was not asked yet";

    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    private readonly Func<KeyStoreConfiguration, IKeyStore> _open;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);
    private HostControl? _control;
    private KeyStoreConfiguration? _configuration;
    private StoredChains? _chains;
    private CancellationTokenSource _ended = new();
    private Task _following = Task.CompletedTask;
    private string? _lost = NotAsked;
    private KeyStoreFailure? _failure;
    private bool _isDenied;
    private bool _isDisposed;

    private KeyStoreFollower(Func<KeyStoreConfiguration, IKeyStore> open) => _open = open;

    /// <summary>Takes what there is on disk.</summary>
    /// <param name="configuration">The configuration; comes back with the chains that there are keys of.</param>
    /// <param name="open">Makes the store; null for etcd.</param>
    /// <exception cref="ConfigurationException">A key-encryption key cannot be used.</exception>
    public static KeyStoreFollower Open(ref TcpAoConfiguration configuration, Func<KeyStoreConfiguration, IKeyStore>? open = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var follower = new KeyStoreFollower(open ?? (static store => new EtcdKeyStore(store)));
        if (configuration.KeyStore is { } store)
        {
            follower._configuration = store;
            follower._chains = StoredChains.Open(store);
            configuration = configuration.With(follower._chains.Chains.ToDictionary(chain => chain.Name, StringComparer.Ordinal));
        }

        return follower;
    }

    /// <summary>Begins to follow.</summary>
    public void Start(HostControl control)
    {
        ArgumentNullException.ThrowIfNull(control);
        _control = control;
        control.Hold(_chains?.Chains ?? []);
        control.KeyStore = Status;
        control.Reloaded = Restart;
        if (_chains?.CacheProblem is { } problem)
        {
            control.Tell("store-problem", null, $"warning: {problem}");
        }

        Begin();
    }

    /// <summary>Ends; the keys stay in use.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _control?.Reloaded = null;
        _ended.Cancel();
        _following.GetAwaiter().GetResult();
        _ended.Dispose();
        _chains?.Dispose();
    }

    /// <summary>Another configuration is in force. Called under the lock of <see cref="HostControl"/>, which the loop needs: nothing waits here.</summary>
    private void Restart(TcpAoConfiguration configuration)
    {
        Task before = _following;
        CancellationTokenSource endOfBefore = _ended;
        _ended = new CancellationTokenSource();
        endOfBefore.Cancel();
        CancellationToken ended = _ended.Token;
        _following = Task.Run(async () =>
        {
            await before.ConfigureAwait(false);
            endOfBefore.Dispose();
            lock (_gate)
            {
                using StoredChains? old = _chains;
                _configuration = configuration.KeyStore;
                _chains = null;
                _problems.Clear();
                (_lost, _failure) = (NotAsked, null);
                try
                {
                    _chains = _configuration is { } store ? StoredChains.Open(store) : null;
                    _chains?.Adopt(old);
                }
                catch (ConfigurationException error)
                {
                    _lost = error.Message;
                    _control!.Tell("store-problem", null, $"warning: the key store is not followed: {error.Message}");
                }
            }

            await RunAsync(ended).ConfigureAwait(false);
        });
    }

    private void Begin()
    {
        CancellationToken ended = _ended.Token;
        _following = Task.Run(() => RunAsync(ended));
    }

    private KeyStoreStatus? Status()
    {
        lock (_gate)
        {
            return _configuration is not { } store ? null : new KeyStoreStatus(store.Host, _lost is null, _lost, [.. store.Chains.Select(
                chain => new StoredChainStatus(chain.Name, _chains?.Find(chain.Name)?.Document.Version ?? 0, _problems.GetValueOrDefault(chain.Name)))]);
        }
    }

    private async Task RunAsync(CancellationToken ended)
    {
        TimeSpan pause = s_shortestPause;
        while (_chains is not null && !ended.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(_configuration!, _chains, () => pause = s_shortestPause, ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (KeyStoreException error)
            {
                Lose(error);
            }
#pragma warning disable CA1031 // whatever it was, the keys stay and the store is asked again
            catch (Exception error)
#pragma warning restore CA1031
            {
                Lose(new KeyStoreException(KeyStoreFailure.Refused, $"internal error: {error.GetType().Name}: {error.Message}", error));
            }

            // a thousand hosts that lost the same store come back one after the other
            await Task.Delay(pause * (0.5 + System.Security.Cryptography.RandomNumberGenerator.GetInt32(1000) / 1000.0), ended).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private async Task FollowAsync(KeyStoreConfiguration configuration, StoredChains chains, Action reached, CancellationToken ended)
    {
        using IKeyStore store = _open(configuration);
        StoreSnapshot snapshot = await store.ReadAsync(ChainDocument.Folder, ended).ConfigureAwait(false);
        Find();
        reached();
        var there = snapshot.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        foreach (string name in configuration.Chains.Select(chain => ChainDocument.NameOf(chain.Name)))
        {
            Take(chains, there.GetValueOrDefault(name) ?? new StoreEntry(name, null, 0));
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended);
        Task[] both = [WatchAsync(store, chains, snapshot.Revision + 1, either.Token), ReportAsync(store, configuration, either.Token)];
        Task first = await Task.WhenAny(both).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(both).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    private async Task WatchAsync(IKeyStore store, StoredChains chains, long from, CancellationToken ended)
    {
        await foreach (StoreEntry change in store.WatchAsync(ChainDocument.Folder, from, ended).ConfigureAwait(false))
        {
            Take(chains, change);
        }
    }

    /// <summary>Keeps the lease and tells how far this host is; also what notices that nobody answers any more.</summary>
    private async Task ReportAsync(IKeyStore store, KeyStoreConfiguration configuration, CancellationToken ended)
    {
        string name = HostDocument.Folder + configuration.Host;
        HostDocument? told = null;
        long lease = await store.GrantLeaseAsync(s_lease, ended).ConfigureAwait(false);
        long kept = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TimeProvider.System.GetElapsedTime(kept) > s_keepAlive)
            {
                kept = TimeProvider.System.GetTimestamp();
                if (!await store.KeepAliveAsync(lease, ended).ConfigureAwait(false))
                {
                    lease = await store.GrantLeaseAsync(s_lease, ended).ConfigureAwait(false);
                    told = null;
                }
            }

            HostDocument now = HostReport.Of(_control!.Status(), configuration.Host);
            if (told is null || !now.SaysTheSameAs(told))
            {
                told = now;
                await TellAsync(store, name, now, lease, ended).ConfigureAwait(false);
            }

            await Task.Delay(s_look, ended).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(IKeyStore store, string name, HostDocument report, long lease, CancellationToken ended)
    {
        try
        {
            await store.WriteAsync(name, JsonSerializer.SerializeToUtf8Bytes(report, KeyStoreJson.Default.HostDocument), lease, ended).ConfigureAwait(false);
        }
        catch (KeyStoreException error) when (error.Failure == KeyStoreFailure.Denied)
        {
            // keys are followed all the same; a rollover waits for this host in vain
            if (!_isDenied)
            {
                _isDenied = true;
                _control!.Tell("store-problem", null, $"warning: this host may not report to the key store: {error.Message}");
            }
        }
    }

    /// <summary>A document came, or is gone.</summary>
    private void Take(StoredChains chains, StoreEntry entry)
    {
        string name = entry.Name[ChainDocument.Folder.Length..];
        if (_configuration?.Chains.Any(chain => string.Equals(chain.Name, name, StringComparison.Ordinal)) != true)
        {
            return;
        }

        string? problem = entry.Value is null
            ? chains.Find(name) is null ? "the store does not have the chain: nothing of its peers passes" : "the store no longer has the chain: the last keys stay in use"
            : Take(chains, name, entry.Value);
        lock (_gate)
        {
            if (problem is null ? !_problems.Remove(name) : string.Equals(_problems.GetValueOrDefault(name), problem, StringComparison.Ordinal))
            {
                return;
            }

            if (problem is not null)
            {
                _problems[name] = problem;
            }
        }

        if (problem is not null)
        {
            _control!.Tell("store-problem", name, $"key chain {name}: {problem}");
        }
    }

    private string? Take(StoredChains chains, string name, byte[] content)
    {
        if (chains.Find(name) is { } before && before.Content.AsSpan().SequenceEqual(content))
        {
            return null;
        }

        if (chains.TryRead(name, content, out StoredDocument? document) is { } wrong)
        {
            return $"the store's newest is not in force: {wrong}";
        }

        string step = document!.Document.Rollover is { } rollover ? $", a rollover is at {rollover.Step.ToString().ToLowerInvariant()}" : string.Empty;
        if (_control!.UseStored(document.Chain, $"key chain {name}: version {document.Document.Version} of the key store is in force{step}") is { } refused)
        {
            return $"the store's newest is not in force: {refused}";
        }

        string? unwritten;
        lock (_gate)
        {
            unwritten = chains.Use(document);
        }

        if (unwritten is not null)
        {
            _control.Tell("store-problem", name, $"warning: {unwritten}");
        }

        return null;
    }

    private void Find()
    {
        bool wasLost;
        lock (_gate)
        {
            wasLost = _lost is not null;
            (_lost, _failure) = (null, null);
        }

        if (wasLost)
        {
            _control!.Tell("store-back", null, "the key store answers");
        }
    }

    private void Lose(KeyStoreException error)
    {
        bool isNews;
        lock (_gate)
        {
            // each member fails in words of its own
            isNews = _failure != error.Failure;
            (_lost, _failure) = (error.Message, error.Failure);
        }

        if (isNews && error.Failure != KeyStoreFailure.Compacted)
        {
            _control!.Tell("store-lost", null, $"warning: {error.Message} The keys in use stay.");
        }
    }
}
