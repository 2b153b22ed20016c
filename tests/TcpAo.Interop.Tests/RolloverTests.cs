using System.Globalization;
using System.Text;
using TcpAo.Capture;
using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>
/// Keys that roll by their lifetimes under a loaded BGP session: FRR under <c>tcpao run</c>, BIRD on the TCP-AO of Linux, 1000 routes that come and go. TCPAO_TEST_LONG=1 makes ten
/// minutes of it, with fifty rollovers.
/// </summary>
public sealed class RolloverTests(ITestOutputHelper output)
{
    private const int Routes = 1000;
    private const int LongRollovers = 50;
    private const int ShortRollovers = 2;

    // keys that BIRD has at a time, on either side of the one that it asks for: a slow machine may be late by some periods
    private const int KeysAround = 10;

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(12);

    private static int Rollovers => Environment.GetEnvironmentVariable("TCPAO_TEST_LONG") is null ? ShortRollovers : LongRollovers;

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-046")]
    [Trait("Requirement", "R-123")]
    public void Session_ThroughRolloversUnderLoad_NeitherFlapsNorLosesASegment()
    {
        BgpLab.SkipUnlessThere();
        using BgpLab lab = new(static _ => { }, Ours(null), Theirs(0), Frr, string.Concat(Enumerable.Range(0, Routes).Select(number => $"route {Route(number)} blackhole;\n")));
        lab.WaitUntilUp();
        (BirdProtocol bird, FrrNeighbor frr) = (lab.Bird.Protocol(BgpLab.Protocol), lab.Neighbor);
        lab.CountFromNow();
        int from = lab.Run.Log.Count;
        DateTimeOffset start = DateTimeOffset.UtcNow;
        string configuration = Ours(start);
        lab.Run.Reload(configuration);
        int flaps = 0;
        for (int key = 0; key < Rollovers;)
        {
            lab.Bird.Command(flaps++ % 2 == 0 ? "disable flapping" : "enable flapping");
            if (DateTimeOffset.UtcNow >= StartOf(start, key + 1))
            {
                // BIRD asks for the next key; ours asks by itself
                lab.Bird.Reconfigure(Theirs(++key));
                Assert.True(lab.Neighbor == frr, $"{frr} became {lab.Neighbor} after {key} rollovers and {flaps} flaps");
            }
        }

        lab.WaitUntilBirdSignsWith(IdOf(Rollovers));
        lab.Bird.Command("enable flapping");
        lab.WaitUntilFrrHas(Route(Routes - 1));
        lab.Announce(lab.SecondRouteOfFrr);
        lab.WaitUntilBirdHas(lab.SecondRouteOfFrr);

        // no flap, and nothing refused or held back at either end
        BirdProtocol now = lab.Bird.Protocol(BgpLab.Protocol);
        Assert.True(now.IsStill(bird), $"{bird} became {now}");
        Assert.Equal(frr, lab.Neighbor);
        string log = string.Join('\n', lab.Run.Log.ToString().Split('\n').Skip(from));
        Assert.DoesNotContain("refused", log, StringComparison.Ordinal);
        Assert.DoesNotContain("held back", log, StringComparison.Ordinal);

        // every segment on the wire is right, and each key was used both ways
        IReadOnlyList<SegmentReport> wire = lab.AssertWireValid(configuration, mayBeMiscounted: 10_000);
        int[] all = [.. Enumerable.Range(0, Rollovers + 1).Select(IdOf)];
        Assert.Equal(all, IdsOf(wire.Where(lab.IsOurs)));
        Assert.Equal(all, IdsOf(wire.Where(report => !lab.IsOurs(report))));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Rollovers} rollovers, {flaps} flaps of {Routes} routes, {wire.Count} segments on the wire, peer: {lab.Counted}"));
    }

    private static int IdOf(int key) => key + 1;

    private static DateTimeOffset StartOf(DateTimeOffset start, int key) => start + (s_period * key);

    private static string Route(int number) => string.Create(CultureInfo.InvariantCulture, $"198.{18 + (number / 256)}.{number % 256}.0/24");

    private static int[] IdsOf(IEnumerable<SegmentReport> reports) => [.. reports.Select(report => (int)report.KeyId!.Value).Distinct().Order()];

    /// <summary>One key a period, with a third of it as overlap; without a start the first key alone.</summary>
    private static string Ours(DateTimeOffset? start)
    {
        StringBuilder keys = new();
        for (int key = 0; key <= (start is null ? 0 : Rollovers); key++)
        {
            string from = start is null || key == 0 ? "" : $"start: {StartOf(start.Value, key):O}, ";
            string until = start is null || key == Rollovers ? "" : $"end: {StartOf(start.Value, key + 1) + (s_period / 3):O}, ";
            string lifetime = from.Length + until.Length == 0 ? "always" : $"{{ {(from + until).TrimEnd(',', ' ')} }}";
            keys.Append(CultureInfo.InvariantCulture, $"      - {{ id: {IdOf(key)}, send-id: {IdOf(key)}, recv-id: {IdOf(key)}, algorithm: aes-128-cmac-96, secret: \"secret {key}\", lifetime: {lifetime} }}\n");
        }

        return $$"""
            key-chains:
              - name: core
                accept-tolerance: {{(int)(s_period / 4).TotalSeconds}}s
                keys:
            {{keys}}
            peers:
              - { name: bird, remote: 192.0.2.2, port: 179, key-chain: core }

            """;
    }

    private static string Theirs(int current)
    {
        IEnumerable<string> keys = Enumerable.Range(0, Rollovers + 1).Where(key => Math.Abs(key - current) <= KeysAround)
            .Select(key => $"key {{ id {IdOf(key)}; secret \"secret {key}\"; algorithm cmac aes128; {(key == current ? "preferred; " : "")}}};");
        return $$"""
            log stderr all;
            router id 192.0.2.2;
            protocol device {}
            protocol static flapping { ipv4;
            include "{{GuestBird.Included}}";
            }
            protocol bgp {{BgpLab.Protocol}} {
                local 192.0.2.2 as 65002;
                neighbor 192.0.2.1 as 65001;
                hold time 30; keepalive time 1;
                connect delay time 1; connect retry time 2; error wait time 1, 2;
                authentication ao; keys { {{string.Join(' ', keys)}} };
                ipv4 { import all; export all; };
            }

            """;
    }

    private const string Frr = """
        router bgp 65001
         bgp router-id 192.0.2.1
         no bgp ebgp-requires-policy
         no bgp default ipv4-unicast
         neighbor 192.0.2.2 remote-as 65002
         neighbor 192.0.2.2 timers 1 30
         neighbor 192.0.2.2 timers connect 1
         neighbor 192.0.2.2 advertisement-interval 0
         address-family ipv4 unicast
          neighbor 192.0.2.2 activate
          network 198.51.100.0/24
         exit-address-family

        """;
}
