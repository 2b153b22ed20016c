using System.Collections.Immutable;
using System.Text.Json;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.KeyStores;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Fleet;

/// <summary>The steps of a coordinated rollover, without network: no order of events leaves two hosts without a common key.</summary>
public sealed class RolloverMachineTests
{
    private const string Chain = "core";
    private const int Hosts = 4;

    [Fact]
    [Requirement("R-047")]
    public void Rollover_InAnyOrderOfEvents_LosesNoSegment()
    {
        using var folder = new TempFolder();
        using ChainKek kek = Kek(folder);
        int complete = 0;
        int aborted = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            ChainDocument document = First(kek);
            var fleet = new ModelFleet(kek, Chain, Hosts);
            for (int host = 0; host < Hosts; host++)
            {
                fleet.Take(host, document);
            }

            document = RolloverMachine.Begin(document, FleetKeys.New(document, kek), DateTimeOffset.UnixEpoch, "test");
            for (int round = 0; round < 2000 && document.Rollover is not null; round++)
            {
                switch (random.Next(20))
                {
                    case < 4:
                        fleet.Take(random.Next(Hosts), document);
                        break;
                    case < 18:
                        int from = random.Next(Hosts);
                        fleet.Send(from, (from + 1 + random.Next(Hosts - 1)) % Hosts);
                        break;
                    case 18 when random.Next(20) == 0:
                        document = RolloverMachine.Abort(document);
                        aborted++;
                        break;
                    default:
                        if (RolloverObstacles.Of(document, Reports(fleet)).IsEmpty)
                        {
                            document = RolloverMachine.Advance(document);
                        }

                        break;
                }
            }

            complete += document.Rollover is null ? 1 : 0;
            Assert.Single(document.KeyChain.Keys);
        }

        Assert.True(complete == 300 && aborted > 50, $"{complete} of 300 came to their end, {aborted} were aborted");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("R-047")]
    public async Task Coordinator_KilledAtEachWrite_TheNextOneGoesOn(bool afterwards)
    {
        using var folder = new TempFolder();
        using ChainKek kek = Kek(folder);
        int killed = 0;
        for (int at = 1; ; at++)
        {
            var store = new MemoryStore();
            ChainDocument first = First(kek);
            store.TryWrite(ChainDocument.NameOf(Chain), kek.Seal(RolloverMachine.Begin(first, FleetKeys.New(first, kek), DateTimeOffset.UnixEpoch, "test")), 0);
            using var ended = new CancellationTokenSource();
            Task hosts = RunHostsAsync(store, kek, ended.Token);
            bool isKilled = await RunAsync(store, folder, at, afterwards) is null;
            RolloverEnd? end = isKilled ? await RunAsync(store, folder) : null;
            await ended.CancelAsync();
            await hosts;
            if (!isKilled)
            {
                break;
            }

            killed++;
            Assert.True(end is { IsComplete: true, Document: { Rollover: null, KeyChain.Keys: [{ Id: 2, SendLifetime: null, AcceptLifetime: null, NoSend: null }] } });
        }

        // accept, send, retire
        Assert.Equal(3, killed);
    }

    [Fact]
    public async Task Coordinators_TwoAtOnce_DoOneRollover()
    {
        using var folder = new TempFolder();
        using ChainKek kek = Kek(folder);
        var store = new MemoryStore();
        ChainDocument first = First(kek);
        store.TryWrite(ChainDocument.NameOf(Chain), kek.Seal(RolloverMachine.Begin(first, FleetKeys.New(first, kek), DateTimeOffset.UnixEpoch, "test")), 0);
        using var ended = new CancellationTokenSource();
        Task hosts = RunHostsAsync(store, kek, ended.Token);
        RolloverEnd?[] ends = await Task.WhenAll(RunAsync(store, folder), RunAsync(store, folder), RunAsync(store, folder));
        await ended.CancelAsync();
        await hosts;
        Assert.All(ends, end => Assert.Equal((true, 5L, 2UL), (end!.IsComplete, end.Document.Version, Assert.Single(end.Document.KeyChain.Keys).Id)));
    }

    [Fact]
    public async Task Coordinator_OfHostsThatDoNotReport_StopsAndNamesThem()
    {
        using var folder = new TempFolder();
        using ChainKek kek = Kek(folder);
        var store = new MemoryStore();
        ChainDocument first = First(kek);
        store.TryWrite(ChainDocument.NameOf(Chain), kek.Seal(RolloverMachine.Begin(first, FleetKeys.New(first, kek), DateTimeOffset.UnixEpoch, "test")), 0);
        RolloverEnd? end = await RunAsync(store, folder, patience: TimeSpan.Zero);
        Assert.False(end!.IsComplete);
        Assert.Equal(RolloverStep.Accept, end.Document.Rollover!.Step);
        Assert.Equal(Hosts, end.Obstacles.Length);
        Assert.StartsWith("r1 does not report", end.Obstacles[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Obstacle_OfAChainThatCannotRoll_IsASentence()
    {
        using var folder = new TempFolder();
        using ChainKek kek = Kek(folder);
        ChainDocument document = First(kek);
        Assert.Null(RolloverMachine.Obstacle(document));
        Assert.Contains("has no hosts", RolloverMachine.Obstacle(document with { Hosts = [] }), StringComparison.Ordinal);
        Assert.Contains("one key, without lifetimes", RolloverMachine.Obstacle(document with { KeyChain = document.KeyChain with { Keys = [document.KeyChain.Keys[0] with { NoSend = true }] } }), StringComparison.Ordinal);
        ChainDocument begun = RolloverMachine.Begin(document, FleetKeys.New(document, kek), DateTimeOffset.UnixEpoch, "test");
        Assert.Contains("is under way", RolloverMachine.Obstacle(begun), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("R-124")]
    public void Document_ThatSomebodyChanged_HasABrokenSeal()
    {
        using var folder = new TempFolder();
        using ChainKek kek = Kek(folder);
        using ChainKek other = ChainKek.Read(folder.Write("other", KeyGenerator.GenerateKek()));
        ChainDocument document = JsonSerializer.Deserialize(kek.Seal(First(kek)), KeyStoreJson.Default.ChainDocument)!;
        Assert.True(kek.IsSealed(document));
        Assert.False(other.IsSealed(document));
        Assert.False(kek.IsSealed(document with { Version = 7 }));
        Assert.False(kek.IsSealed(document with { Hosts = [.. document.Hosts, "stranger"] }));
        Assert.False(kek.IsSealed(document with { KeyChain = document.KeyChain with { Keys = [document.KeyChain.Keys[0] with { SendId = 9 }] } }));
        Assert.Null(other.Unwrap(document.KeyChain.Keys[0].SecretWrapped));
        byte[] copy = kek.Encrypt([1, 2, 3], "core");
        Assert.Equal([1, 2, 3], kek.Decrypt(copy, "core"));
        Assert.Null(kek.Decrypt(copy, "edge"));
        Assert.Null(other.Decrypt(copy, "core"));
        copy[^1] ^= 1;
        Assert.Null(kek.Decrypt(copy, "core"));
    }

    private static ChainKek Kek(TempFolder folder) => ChainKek.Read(folder.Write("core.kek", KeyGenerator.GenerateKek()));

    private static ChainDocument First(ChainKek kek)
    {
        using var secret = TcpAo.Crypto.Secret.FromBytes("a secret of the first key"u8);
        return new ChainDocument
        {
            Version = 1,
            Hosts = [.. Enumerable.Range(0, Hosts).Select(ModelFleet.NameOf)],
            KeyChain = new StoredChain(Chain, [new StoredKey { Id = 1, SendId = 1, RecvId = 1, Algorithm = "hmac-sha-256", MacLength = 12, IncludeTcpOptions = true, SecretWrapped = kek.Wrap(secret) }]),
        };
    }

    private static ImmutableDictionary<string, HostDocument> Reports(ModelFleet fleet) => Enumerable.Range(0, Hosts).ToImmutableDictionary(
        ModelFleet.NameOf, host => JsonSerializer.Deserialize(fleet.Report(host), KeyStoreJson.Default.HostDocument)!, StringComparer.Ordinal);

    /// <summary>Hosts that follow the store one after the other, with segments between.</summary>
    private static async Task RunHostsAsync(MemoryStore store, ChainKek kek, CancellationToken ended)
    {
        using IKeyStore client = store.Connect();
        var fleet = new ModelFleet(kek, Chain, Hosts);
        while (!ended.IsCancellationRequested)
        {
            for (int host = 0; host < Hosts; host++)
            {
                StoreSnapshot now = await client.ReadAsync(ChainDocument.Folder, CancellationToken.None);
                fleet.Take(host, JsonSerializer.Deserialize(now.Entries[0].Value, KeyStoreJson.Default.ChainDocument)!);
            }

            for (int pair = 0; pair < Hosts * Hosts * 2; pair++)
            {
                int from = pair % Hosts;
                int to = pair / Hosts % Hosts;
                if (from != to)
                {
                    fleet.Send(from, to);
                }
            }

            for (int host = 0; host < Hosts; host++)
            {
                await client.WriteAsync(HostDocument.Folder + ModelFleet.NameOf(host), fleet.Report(host), 1, CancellationToken.None);
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    /// <summary>A coordinator; null where it was killed.</summary>
    private static async Task<RolloverEnd?> RunAsync(MemoryStore store, TempFolder folder, int killAt = 0, bool afterwards = false, TimeSpan? patience = null)
    {
        var configuration = new KeyStoreConfiguration
        {
            Endpoints = [],
            Prefix = "/",
            Host = "test",
            CacheFile = "/dev/null",
            Chains = [new StoredChainConfiguration(Chain, Path.Combine(folder.Path, "core.kek"), null)],
        };
        using var fleet = new FleetStore(store.Connect(killAt, afterwards), configuration);
        try
        {
            return await new RolloverCoordinator(fleet, Chain, patience ?? TimeSpan.FromMinutes(1), static _ => { }, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        }
        catch (MemoryStore.KilledException)
        {
            return null;
        }
    }
}
