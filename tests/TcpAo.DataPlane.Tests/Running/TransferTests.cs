using System.Net;
using System.Text;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>What goes over a protected connection arrives, and the wire has seen nothing unsigned.</summary>
public sealed class TransferTests
{
    private const int Length = 3 * 1024 * 1024;

    [Fact]
    [Trait("Requirement", "R-024")]
    [Trait("Requirement", "R-060")]
    public void Bytes_BothWaysUnderEachAlgorithm_ArriveAndEverySegmentIsSigned()
    {
        string[] algorithms = ["hmac-sha-1-96", "aes-128-cmac-96", "kmac-256-128"];
        using Lab lab = Lab.Protected([.. algorithms.Select((algorithm, at) => new Peering(Lab.Port + at, new Key(61, 84, algorithm)))]);
        foreach (bool isIPv6 in new[] { false, true })
        {
            for (int at = 0; at < algorithms.Length; at++)
            {
                Transfer.Run(lab.A, lab.B, Lab.AddressOfB(isIPv6), Lab.Port + at, Length);
            }
        }

        for (int at = 0; at < algorithms.Length; at++)
        {
            AssertCarried(lab.Tap.OfPort(Lab.Port + at), segment => segment.HasAo && !segment.HasMd5);
        }

        // both families, and each end under its own id
        Assert.Equal([84, 61], lab.Tap.OfPort(Lab.Port).GroupBy(segment => segment.KeyId, (id, _) => (int)id).OrderDescending());
        Assert.Equal(4, lab.Tap.OfPort(Lab.Port).DistinctBy(segment => segment.Source).Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-097")]
    public void Bytes_BothWaysUnderTcpMd5_ArriveAndEverySegmentIsSigned(bool isIPv6)
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(0, 0, "tcp-md5", "old secret")));
        Transfer.Run(lab.A, lab.B, Lab.AddressOfB(isIPv6), Lab.Port, Length);
        AssertCarried(lab.Tap.OfPort(Lab.Port), segment => segment.HasMd5 && !segment.HasAo);
    }

    [Fact]
    public void Bytes_BetweenTwoAddressesOfOneHost_ArriveAndEverySegmentIsSigned()
    {
        // one program is both ends: it sees each segment leave and arrive
        using var lab = new Lab();
        using var tap = new WireTap(lab.A);
        var near = new Peering(Lab.Port, new Key(1, 2));
        var text = new StringBuilder("key-chains:\n");
        near.WriteChain(text, isMirrored: false, "near");
        near.WriteChain(text, isMirrored: true, "far");
        text.Append("peers:\n  - { name: near, local: 127.0.0.1, remote: 127.0.0.2, port: 179, key-chain: near }\n");
        text.Append("  - { name: far, local: 127.0.0.2, remote: 127.0.0.1, port: 179, key-chain: far }\n");
        lab.RunA.Write(text.ToString());
        lab.RunA.StartAndWait();
        Transfer.Run(lab.A, lab.A, IPAddress.Parse("127.0.0.2"), Lab.Port, Length, new IPEndPoint(IPAddress.Loopback, 0));
        AssertCarried(tap.OfPort(Lab.Port), segment => segment.HasAo);

        // each end's keys, or it would not have worked
        Assert.Equal([1, 2], tap.OfPort(Lab.Port).Select(segment => (int)segment.KeyId).Distinct().Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-086")]
    public void Bytes_LinkOfOneEndIsNarrower_FitWithTheirOption(bool isIPv6)
    {
        // A's SYN announces more than B's link takes: B's segments must fit it with the option that B's TCP does not know of
        const int Mtu = 1400;
        using var lab = new Lab();
        lab.B.Space.Run(() => RouteSocket.Use(route => route.SetMtu(Lab.Link, Mtu)));
        lab.Configure(new Peering(Lab.Port, new Key(1, 2)));
        lab.Start();
        long refused = FragmentsRefused(lab.B);
        Transfer.Run(lab.A, lab.B, Lab.AddressOfB(isIPv6), Lab.Port, Length / 4);
        Assert.Equal(Mtu, lab.Tap.OfPort(Lab.Port).Where(segment => segment.SourcePort == Lab.Port).Max(segment => segment.Length));
        Assert.Equal(refused, FragmentsRefused(lab.B));
    }

    /// <summary>Packets that were too long to leave, RFC 4293 FragFails of both families.</summary>
    private static long FragmentsRefused(Host host) => host.Space.Run(() =>
    {
        string[] ip = [.. File.ReadLines("/proc/thread-self/net/snmp").Where(line => line.StartsWith("Ip:", StringComparison.Ordinal))];
        string v6 = File.ReadLines("/proc/thread-self/net/snmp6").First(line => line.StartsWith("Ip6FragFails", StringComparison.Ordinal));
        return long.Parse(ip[1].Split(' ')[Array.IndexOf(ip[0].Split(' '), "FragFails")]) + long.Parse(v6.Split(' ', '\t')[^1]);
    });

    private static void AssertCarried(IReadOnlyList<SeenSegment> segments, Predicate<SeenSegment> isSigned)
    {
        Assert.DoesNotContain(segments, segment => !isSigned(segment));
        Assert.True(segments.Sum(segment => (long)segment.Payload) > Length, $"{segments.Count} segments were seen");
    }
}
