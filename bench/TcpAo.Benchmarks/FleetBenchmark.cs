using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.KeyStores;
using TcpAo.Hosting.KeyStores.Etcd;

namespace TcpAo.Benchmarks;

/// <summary>
/// A coordinated rollover of many hosts: what a host and the coordinator have to do for a step, and, against a real etcd, how long it all takes when hosts do nothing but
/// follow the store with the client that tcpao has.
/// </summary>
internal static class FleetBenchmark
{
    private const string Chain = "core";

    private static readonly int[] s_sizes = [100, 1_000, 10_000];

    /// <summary>The work of a step, in memory.</summary>
    public static void Run(TextWriter output)
    {
        using ChainKek kek = MakeKek(out string file);
        foreach (int hosts in s_sizes)
        {
            ChainDocument document = First(kek, hosts);
            document = RolloverMachine.Advance(RolloverMachine.Begin(document, FleetKeys.New(document, kek), DateTimeOffset.UnixEpoch, "benchmark"));
            byte[] content = kek.Seal(document);
            var reports = Enumerable.Range(0, hosts).Select(host => Report(NameOf(host), document.Version)).ToDictionary(report => report.Host, StringComparer.Ordinal);
            new Measurement(string.Create(CultureInfo.InvariantCulture, $"{hosts} hosts: a document of {content.Length} bytes, a report of {JsonSerializer.SerializeToUtf8Bytes(reports[NameOf(0)], KeyStoreJson.Default.HostDocument).Length}"))
                .Add("a host reads the document", () => Read(kek, content), 1)
                .Add("the coordinator looks", () => RolloverObstacles.Of(document, reports).Length, 1)
                .Run(output, repetitions: 11);
        }

        File.Delete(file);
    }

    /// <summary>A whole rollover over a real etcd.</summary>
    public static async Task RunAsync(TextWriter output, Uri endpoint, int hosts)
    {
        using ChainKek kek = MakeKek(out string file);
        var configuration = new KeyStoreConfiguration
        {
            Endpoints = [endpoint],
            Prefix = $"/benchmark-{Guid.NewGuid():N}/",
            Host = "operator",
            CacheFile = "/dev/null",
            Chains = [new StoredChainConfiguration(Chain, file, null)],
        };
#pragma warning disable CA2000 // the fleet disposes of it
        using var fleet = new FleetStore(new EtcdKeyStore(configuration), configuration);
#pragma warning restore CA2000
        ChainDocument document = await fleet.ChangeAsync(Chain, _ => First(kek, hosts), CancellationToken.None).ConfigureAwait(false);
        using var ended = new CancellationTokenSource();
        using var ready = new CountdownEvent(hosts);
        Task[] following = [.. Enumerable.Range(0, hosts).Select(host => FollowAsync(configuration, kek, NameOf(host), ready, ended.Token))];
        await Task.Run(() => ready.Wait()).ConfigureAwait(false);
        long start = Stopwatch.GetTimestamp();
        await fleet.ChangeAsync(Chain, before => RolloverMachine.Begin(before!, FleetKeys.New(before!, kek), TimeProvider.System.GetUtcNow(), "benchmark"), CancellationToken.None).ConfigureAwait(false);
        long last = start;
        RolloverEnd end = await new RolloverCoordinator(fleet, Chain, TimeSpan.FromMinutes(1), Say, TimeProvider.System).RunAsync(CancellationToken.None).ConfigureAwait(false);
        string result = string.Create(
            CultureInfo.InvariantCulture,
            $"{hosts} hosts: a rollover takes {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s ({(end.IsComplete ? "complete" : string.Join("; ", end.Obstacles.Take(2)))}), {document.Hosts.Length * 3} reports");
        await output.WriteLineAsync(result).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(following).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        File.Delete(file);

        void Say(string line)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Stopwatch.GetElapsedTime(last).TotalSeconds,6:F2} s until {line[..line.IndexOf(':', StringComparison.Ordinal)]}"));
            last = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>A host without connections.</summary>
    private static async Task FollowAsync(KeyStoreConfiguration configuration, ChainKek kek, string name, CountdownEvent ready, CancellationToken ended)
    {
        using var store = new EtcdKeyStore(configuration);
        StoreSnapshot snapshot = await store.ReadAsync(ChainDocument.Folder, ended).ConfigureAwait(false);
        long lease = await store.GrantLeaseAsync(TimeSpan.FromMinutes(5), ended).ConfigureAwait(false);
        await TellAsync(snapshot.Entries[0]).ConfigureAwait(false);
        ready.Signal();
        await foreach (StoreEntry change in store.WatchAsync(ChainDocument.Folder, snapshot.Revision + 1, ended).ConfigureAwait(false))
        {
            await TellAsync(change).ConfigureAwait(false);
        }

        Task TellAsync(StoreEntry entry) =>
            store.WriteAsync(HostDocument.Folder + name, JsonSerializer.SerializeToUtf8Bytes(Report(name, Read(kek, entry.Value!)), KeyStoreJson.Default.HostDocument), lease, ended);
    }

    private static int Read(ChainKek kek, byte[] content)
    {
        ChainDocument document = JsonSerializer.Deserialize(content, KeyStoreJson.Default.ChainDocument)!;
        return kek.IsSealed(document) ? (int)document.Version : throw new InvalidOperationException("The seal is broken.");
    }

    private static HostDocument Report(string name, long version) => new(name, DateTimeOffset.UnixEpoch, [new HostChain(Chain, version, [])]);

    private static ChainKek MakeKek(out string file)
    {
        file = Path.GetTempFileName();
        File.WriteAllText(file, KeyGenerator.GenerateKek());
        return ChainKek.Read(file);
    }

    private static string NameOf(int host) => string.Create(CultureInfo.InvariantCulture, $"router-{host:D5}");

    private static ChainDocument First(ChainKek kek, int hosts)
    {
        using Secret secret = KeyGenerator.Generate(MacAlgorithms.HmacSha256, asText: false);
        var key = new StoredKey { Id = 1, SendId = 1, RecvId = 1, Algorithm = MacAlgorithms.HmacSha256.Name, MacLength = 12, IncludeTcpOptions = true, SecretWrapped = kek.Wrap(secret) };
        return new ChainDocument { Version = 1, Hosts = [.. Enumerable.Range(0, hosts).Select(NameOf)], KeyChain = new StoredChain(Chain, [key]) };
    }
}
