using System.Globalization;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Simulation;

/// <summary>
/// Connections over a bad network, with keys that roll, engines that restart and an attacker. A failure names its seed; the environment variable
/// TCPAO_TEST_SEED runs that seed alone.
/// </summary>
public sealed class SimulationTests
{
    private const string SeedVariable = "TCPAO_TEST_SEED";
    private const int SeedsPerScenario = 400;
    private const int SeedsApart = 1_000_000;
    private static readonly MacAlgorithm[] s_algorithms = [.. KeyBoth.AoAlgorithms];

    [Fact]
    public void Connection_OverABadNetwork_DeliversEverything() => RunSeeds(1, seed =>
    {
        KeyBoth key = RandomKey(seed, 61, 84);
        EnginePair pair = NewPair(seed, false, [key]);
        return pair.RunConnection(both: seed.Next(3) == 0);
    });

    [Fact]
    [Trait("Requirement", "R-061")]
    [Trait("Requirement", "R-074")]
    public void Connection_UnderAttack_DeliversEverythingAndNothingForged()
    {
        int attacks = 0;
        RunSeeds(2, seed =>
        {
            string? fault = RunUnderAttack(seed, out int count);
            attacks += count;
            return fault;
        });
        Assert.True(attacks > 0 || Environment.GetEnvironmentVariable(SeedVariable) is not null);
    }

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-046")]
    public void Connection_WhileUsersRollKeys_DeliversEverything() => RunSeeds(3, seed =>
    {
        KeyBoth[] keys = [RandomKey(seed, 1, 11), RandomKey(seed, 2, 12), RandomKey(seed, 3, 13)];
        EnginePair pair = NewPair(seed, seed.Next(2) == 0, keys);
        return pair.RunConnection(both: seed.Next(4) == 0, p =>
        {
            if (seed.Next(15) == 0)
            {
                byte id = (byte)seed.Next(1, 4);
                (seed.Next(4) switch
                {
                    0 => p.Client.Connection?.SetRNextKey((byte)(id + 10)),
                    1 => p.Server.Connection?.SetRNextKey(id),
                    2 => p.Client.Connection?.SetCurrentKey(id),
                    _ => p.Server.Connection?.SetCurrentKey((byte)(id + 10)),
                }).GetValueOrDefault();
            }
        });
    });

    [Fact]
    [Trait("Requirement", "R-122")]
    [Trait("Requirement", "R-123")]
    public void Connection_WhileLifetimesOverlap_RollsWithoutRefusingAnything() => RunSeeds(4, seed =>
    {
        // each key signs for 300 ms and 150 ms into its successor's time, and is accepted 100 ms more at both ends
        KeyBoth[] keys = [.. Enumerable.Range(0, 40).Select(i =>
        {
            var send = new KeyLifetime(EngineEnd.Epoch.AddMilliseconds((i * 300) - 10), EngineEnd.Epoch.AddMilliseconds((i * 300) + 450));
            return KeyBoth.Of((byte)(i + 1), (byte)(i + 101), s_algorithms[i % s_algorithms.Length], "key " + i, send: send, accept: send.Widen(TimeSpan.FromMilliseconds(100)));
        })];
        EnginePair pair = NewPair(seed, seed.Next(2) == 0, keys);
        bool restarts = seed.Next(2) == 0;
        return pair.RunConnection(both: false, p =>
        {
            if (restarts && seed.Next(40) == 0)
            {
                (seed.Next(2) == 0 ? p.Client : p.Server).Restart(p.Now);
            }
        }, until: 11_000);
    });

    [Fact]
    [Trait("Requirement", "R-016")]
    [Trait("Requirement", "R-017")]
    [Trait("Requirement", "R-019")]
    public void Connection_WhileReloadsReplaceKeys_DeliversEverything() => RunSeeds(5, seed =>
    {
        // the lowest id is preferred, so that each newer key is asked for
        KeyBoth[] keys = [.. Enumerable.Range(0, 30).Select(i => RandomKey(seed, (byte)(90 - i), (byte)(190 - i)))];
        EnginePair pair = NewPair(seed, seed.Next(2) == 0, keys[..2], keys);
        pair.Client.MayMissKeys = pair.Server.MayMissKeys = true;
        int client = 0;
        int server = 0;
        return pair.RunConnection(both: seed.Next(4) == 0, p =>
        {
            // one key goes and one comes, at one end and later at the other; never two steps apart
            if (seed.Next(20) == 0 && client <= server && client < 27)
            {
                client++;
                p.Client.Use(TestSource.Of([.. keys[client..(client + 2)].Select(key => key.Client)]));
            }
            else if (seed.Next(20) == 0 && server <= client && server < 27)
            {
                server++;
                p.Server.Use(TestSource.Of([.. keys[server..(server + 2)].Select(key => key.Server)]));
            }
        });
    });

    [Fact]
    [Trait("Requirement", "R-053")]
    [Trait("Requirement", "R-090")]
    public void Connection_WhileEnginesRestart_GoesOn() => RunSeeds(6, seed =>
    {
        EnginePair pair = NewPair(seed, seed.Next(2) == 0, [RandomKey(seed, 61, 84)]);
        return pair.RunConnection(both: seed.Next(4) == 0, p =>
        {
            if (seed.Next(10) == 0)
            {
                (seed.Next(2) == 0 ? p.Client : p.Server).Restart(p.Now);
            }
        });
    });

    private static string? RunUnderAttack(Random seed, out int attacks)
    {
        KeyBoth key = RandomKey(seed, 61, 84);
        EnginePair pair = NewPair(seed, true, [key]);
        string? fault = null;
        for (int i = 0; i < 3 && fault is null; i++)
        {
            fault = pair.RunConnection(both: false);
            pair.TurnPage();
            pair.Close();
        }

        attacks = pair.Client.Attacks + pair.Server.Attacks;
        return fault;
    }

    private static KeyBoth RandomKey(Random random, byte clientId, byte serverId)
    {
        MacAlgorithm algorithm = s_algorithms[random.Next(s_algorithms.Length)];
        return KeyBoth.Of(clientId, serverId, algorithm, $"secret {random.Next()}", random.Next(6, 17), IncludesOptions(random));
    }

    private static bool IncludesOptions(Random random) => random.Next(3) != 0;

    private static EnginePair NewPair(Random random, bool isAttacked, KeyBoth[] keys, KeyBoth[]? all = null) => new(
        random,
        random.Next(2) == 0 ? Duo.IPv4 : Duo.IPv6,
        TestSource.Of([.. keys.Select(key => key.Client)]),
        TestSource.Of([.. keys.Select(key => key.Server)]),
        isAttacked,
        (all ?? keys).All(key => key.Client.IncludeTcpOptions));

    private static void RunSeeds(int scenario, Func<Random, string?> run)
    {
        if (Environment.GetEnvironmentVariable(SeedVariable) is { } only)
        {
            int seed = int.Parse(only, CultureInfo.InvariantCulture);
            if (seed / SeedsApart == scenario)
            {
                Run(seed);
            }

            return;
        }

        for (int i = 0; i < SeedsPerScenario; i++)
        {
            Run((scenario * SeedsApart) + i);
        }

        void Run(int seed)
        {
            string? fault;
            try
            {
                fault = run(new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{SeedVariable}={seed}", e);
            }

            Assert.True(fault is null, $"{SeedVariable}={seed}: {fault}");
        }
    }
}
