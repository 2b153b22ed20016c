using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Cli.Bench;

/// <summary>
/// Finding a key or a peer among 10, 1 000 and 100 000. Every size is asked for equally many connections in random order. A pair is put together just before it
/// is looked up, as from a segment, so that what fills the caches is the table and not a list of questions; that costs the same at every size, about 2 ns.
/// </summary>
internal static class LookupBench
{
    private const int Lookups = 1 << 16;
    private const int Passes = 41;

    // local ports of the questions vary, as those of real connections do
    private const int FirstPort = 32768;

    private static readonly int[] s_sizes = [10, 1_000, 100_000];

    /// <summary>Measures all tables.</summary>
    public static void Run(BenchOutput output)
    {
        foreach (bool v6 in (bool[])[false, true])
        {
            foreach (bool present in (bool[])[true, false])
            {
                Measure(output, "key", v6, present, (size, hosts) =>
                {
                    MktTable table = Keys(size, v6);
                    return _ => Find(table, hosts, v6);
                });
                Measure(output, "peer", v6, present, (size, hosts) =>
                {
                    PeerTable<object> table = Peers(size, v6);
                    return _ => Find(table, hosts, v6);
                });
            }
        }
    }

    private static void Measure(BenchOutput output, string table, bool v6, bool present, Func<int, uint[], Func<int, int>> create)
    {
        BenchCase[] cases = [.. s_sizes.Select(size => new BenchCase($"{size}", create(size, RandomHosts(size, present)), Lookups))];
        BenchFigures[] figures = BenchRun.Measure(cases, Passes, passMicroseconds: 1);
        for (int i = 0; i < cases.Length; i++)
        {
            output.Row(
                "lookup",
                ("table", table),
                ("family", v6 ? "ipv6" : "ipv4"),
                ("entries", s_sizes[i]),
                ("asked", present ? "present" : "absent"),
                ("nanoseconds-min", figures[i].Minimum),
                ("nanoseconds-median", figures[i].Median),
                ("ratio-to-ten-min", figures[i].Minimum / figures[0].Minimum),
                ("ratio-to-ten-median", figures[i].Median / figures[0].Median));
        }
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
