using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Benchmarks;

/// <summary>
/// Finding a key or a peer among 10, 1 000 and 100 000. Every size is asked for equally many connections in random order.
/// A pair is put together just before it is looked up, as from a segment, so that what fills the caches is the table and not
/// a list of questions; that costs the same at every size, about 2 ns.
/// </summary>
internal static class LookupBenchmark
{
    private const int Lookups = 1 << 18;

    // local ports of the questions vary, as those of real connections do
    private const int FirstPort = 32768;

    private static readonly int[] s_sizes = [10, 1_000, 100_000];

    /// <summary>Runs all and prints the figures.</summary>
    public static void Run(TextWriter output)
    {
        foreach (bool v6 in new[] { false, true })
        {
            string family = v6 ? "IPv6" : "IPv4";
            RunKeys(output, family, v6);
            RunPeers(output, family, v6);
        }

        Builds(output);
    }

    private static void RunKeys(TextWriter output, string family, bool v6)
    {
        Measurement hits = new($"MktTable.FindByRecvId, {family} hosts, present");
        Measurement misses = new($"MktTable.FindByRecvId, {family} hosts, absent");
        foreach (int size in s_sizes)
        {
            MktTable table = Keys(size, v6);
            uint[] present = RandomHosts(size, present: true);
            uint[] absent = RandomHosts(size, present: false);
            hits.Add($"{size} keys", () => Find(table, present, v6), Lookups);
            misses.Add($"{size} keys", () => Find(table, absent, v6), Lookups);
        }

        hits.Run(output);
        misses.Run(output);
    }

    private static void RunPeers(TextWriter output, string family, bool v6)
    {
        Measurement hits = new($"PeerTable.TryFind, {family} hosts with port 179 at either end, a /24 or /120 of each, present");
        Measurement misses = new($"PeerTable.TryFind, {family}, absent");
        foreach (int size in s_sizes)
        {
            PeerTable<object> table = Peers(size, v6);
            uint[] present = RandomHosts(size, present: true);
            uint[] absent = RandomHosts(size, present: false);
            hits.Add($"{size} peers", () => Find(table, present, v6), Lookups);
            misses.Add($"{size} peers", () => Find(table, absent, v6), Lookups);
        }

        hits.Run(output);
        misses.Run(output);
    }

    private static void Builds(TextWriter output)
    {
        MasterKeyTuple[] tuples = [.. Keys(100_000, v6: false).Tuples];
        new Measurement("Building from 100 000 keys, per key")
            .Add("MktTableBuilder.TryAdd", () => Fill(tuples).Count, tuples.Length)
            .Add("TryAdd and Build", () => Fill(tuples).Build().Count, tuples.Length)
            .Run(output, repetitions: 9, warmups: 3);
    }

    private static int Find(MktTable table, uint[] hosts, bool v6)
    {
        int found = 0;
        IpAddressBits local = Address(1, v6);
        for (int i = 0; i < hosts.Length; i++)
        {
            SocketPair pair = new(local, Address(hosts[i], v6), (ushort)(FirstPort + (i & 0x3FFF)), 179);
            found += table.FindByRecvId(pair, 7) is null ? 0 : 1;
        }

        return found;
    }

    private static int Find(PeerTable<object> table, uint[] hosts, bool v6)
    {
        int found = 0;
        IpAddressBits local = Address(1, v6);
        for (int i = 0; i < hosts.Length; i++)
        {
            SocketPair pair = new(local, Address(hosts[i], v6), (ushort)(FirstPort + (i & 0x3FFF)), 179);
            found += table.TryFind(pair, out _) ? 1 : 0;
        }

        return found;
    }

    private static MktTable Keys(int count, bool v6)
    {
        Secret secret = Secret.FromText("benchmark");
        AoKey key = new("bench/1", 7, 7, MacAlgorithms.HmacSha1, secret);
        return Fill(Enumerable.Range(0, count).Select(i => new MasterKeyTuple(Host(i, v6), key))).Build();
    }

    private static MktTableBuilder Fill(IEnumerable<MasterKeyTuple> tuples)
    {
        MktTableBuilder builder = new();
        foreach (MasterKeyTuple tuple in tuples)
        {
            if (!builder.TryAdd(tuple).IsAdded)
            {
                throw new InvalidOperationException("The benchmark's keys overlap.");
            }
        }

        return builder;
    }

    private static PeerTable<object> Peers(int count, bool v6)
    {
        IEnumerable<(string, ConnectionMatch[], object)> peers = Enumerable.Range(0, count).Select(i => (
            $"p{i}",
            i % 10 == 9 ? Net(i, v6) : EitherEnd(Host(i, v6)),
            new object()));
        return PeerTable.Build(peers, out ImmutableArray<PeerTie> ties) ?? throw new InvalidOperationException(ties[0].ToString());
    }

    private static ConnectionMatch[] EitherEnd(ConnectionMatch match) =>
        [match with { RemotePort = PortMatch.Of(179) }, match with { LocalPort = PortMatch.Of(179) }];

    private static ConnectionMatch[] Net(int number, bool v6)
    {
        // one net per ten peers, in a space of its own, so that the table has the same shapes at every size
        IpAddressBits first = v6 ? new IpAddressBits(0x2001_0DB8_FFFF_0000, (ulong)number << 8) : new IpAddressBits(0, 0x0000_FFFF_6400_0000 + ((ulong)number << 8));
        return IpPrefix.TryCreate(first, v6 ? 120 : 24, out IpPrefix prefix, out string? reason)
            ? EitherEnd(new ConnectionMatch(prefix, default, default, default))
            : throw new InvalidOperationException(reason);
    }

    private static ConnectionMatch Host(int number, bool v6) => new(IpPrefix.Host(Address(Scatter(number), v6)), default, default, default);

    // hosts lie scattered, as the addresses of real peers do; odd factor, so that no two meet
    private static uint Scatter(int number) => (uint)number * 2_654_435_761u & 0x03FF_FFFF;

    private static IpAddressBits Address(uint host, bool v6) =>
        v6 ? new IpAddressBits(0x2001_0DB8_0000_0000UL | host, 1) : new IpAddressBits(0, 0x0000_FFFF_0800_0000UL + host);

    private static uint[] RandomHosts(int size, bool present)
    {
        Random random = new(size);
        uint[] hosts = new uint[Lookups];
        for (int i = 0; i < hosts.Length; i++)
        {
            // each tenth peer is a net
            int number = random.Next(size);
            number -= number % 10 == 9 ? 1 : 0;
            hosts[i] = present ? Scatter(number) : Scatter(number) + 0x0400_0000;
        }

        return hosts;
    }
}
