using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tun;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>The path through a TUN device: as signed, as closed and as lasting as the one through a queue.</summary>
public sealed class TunTests
{
    private const int Length = 3 * 1024 * 1024;
    private const int Piece = 64 * 1024;
    private const string Tun = "data-path: tun\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-024")]
    [Trait("Requirement", "R-060")]
    public void Bytes_BothWaysUnderEachAlgorithm_ArriveAndEverySegmentIsSigned(bool isBothEnds)
    {
        string[] algorithms = ["hmac-sha-1-96", "aes-128-cmac-96", "kmac-256-128"];
        Peering[] peerings = [.. algorithms.Select((algorithm, at) => new Peering(Lab.Port + at, new Key(61, 84, algorithm)))];
        using Lab lab = Start(isBothEnds, peerings);
        using var atA = new WireTap(lab.A, Lab.Link);
        using var atB = new WireTap(lab.B, Lab.Link);
        foreach (bool isIPv6 in new[] { false, true })
        {
            for (int at = 0; at < algorithms.Length; at++)
            {
                Transfer.Run(lab.A, lab.B, Lab.AddressOfB(isIPv6), Lab.Port + at, Length);
            }
        }

        for (int at = 0; at < algorithms.Length; at++)
        {
            SeenSegment[] seen = [.. atA.OfPort(Lab.Port + at), .. atB.OfPort(Lab.Port + at)];
            Assert.DoesNotContain(seen, segment => !segment.HasAo || segment.HasMd5 || segment.Length > 1500);
            Assert.True(seen.Sum(segment => (long)segment.Payload) > Length, $"{seen.Length} segments were seen");
            Assert.Equal([84, 61], seen.GroupBy(segment => segment.KeyId, (id, _) => (int)id).OrderDescending());
        }
    }

    [Fact]
    [Trait("Requirement", "R-097")]
    public void Bytes_UnderTcpMd5_ArriveAndEverySegmentIsSigned()
    {
        using Lab lab = Start(isBothEnds: true, new Peering(Lab.Port, new Key(0, 0, "tcp-md5", "old secret")));
        using var atB = new WireTap(lab.B, Lab.Link);
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, Length);
        Assert.DoesNotContain(atB.OfPort(Lab.Port), segment => !segment.HasMd5 || segment.HasAo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-089")]
    [Trait("Requirement", "R-090")]
    public void Connection_ProcessKilled_StandsStillAndGoesOnAfterTheNextStart(bool isIPv6)
    {
        using Lab lab = Start(isBothEnds: false, new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab, isIPv6: isIPv6);
        session.Exchange();
        lab.RunA.Kill();
        int before = SentByA(lab);
        byte[] toB = Session.Post(session.A);
        long segmentsIn = lab.A.SegmentsIn();
        byte[] toA = Session.Post(session.B);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.AddressOfB(isIPv6), Lab.Port);
        using (socket)
        {
            lab.AssertUdpPasses();
            lab.AssertUdpPasses(fromA: false);
            Assert.Equal(before, SentByA(lab));
            Assert.Equal(segmentsIn, lab.A.SegmentsIn());
            Assert.False(connect.IsCompleted);
        }

        lab.RunA.StartAndWait();
        Assert.Contains("1 connections continue", lab.RunA.Log, StringComparison.Ordinal);
        Session.AssertArrived(session.B, toB);
        Session.AssertArrived(session.A, toA);
        session.Exchange();
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    [Fact]
    [Trait("Requirement", "R-089")]
    public void Connection_StartedAgainWithTheQueueAndBack_GoesOn()
    {
        var peering = new Peering(Lab.Port, new Key(1, 2));
        using Lab lab = Start(isBothEnds: true, peering);
        using Session session = Session.Open(lab);
        session.Exchange(Piece);
        lab.RunA.Kill();
        lab.RunA.Write(Peering.Configuration([peering], Lab.B4, Lab.B6, isMirrored: false));
        lab.RunA.StartAndWait();
        session.Exchange(Piece);
        lab.RunA.Kill();
        lab.RunA.Write(Tun + Peering.Configuration([peering], Lab.B4, Lab.B6, isMirrored: false));
        lab.RunA.StartAndWait();
        session.Exchange(Piece);
    }

    [Fact]
    [Trait("Requirement", "R-086")]
    public void Bytes_LinkBecomesNarrower_GoOn()
    {
        // each kernel knows its own link, but not that its segments grow
        const int Mtu = 1300;
        using Lab lab = Start(isBothEnds: true, new Peering(Lab.Port, new Key(1, 2)));
        using var atA = new WireTap(lab.A, Lab.Link);
        using Session session = Session.Open(lab);
        session.Exchange(Piece);
        foreach (Host host in new[] { lab.A, lab.B })
        {
            host.Space.Run(() => RouteSocket.Use(route => route.SetMtu(Lab.Link, Mtu)));
        }

        session.Exchange(Piece);
        Assert.Contains(atA.OfPort(Lab.Port), segment => segment is { Length: > 1000 and <= Mtu });
    }

    [Fact]
    public void Connection_RouteChanges_SegmentsTakeTheOtherLink()
    {
        const string Other = "wire2";
        using Lab lab = Start(isBothEnds: true, new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab);
        session.Exchange(Piece);
        lab.A.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair(Other, Other, lab.B.Space);
            route.SetUp(Other);
        }));
        lab.B.Space.Run(() => RouteSocket.Use(route => route.SetUp(Other)));
        using var atOther = new WireTap(lab.B, Other);
        lab.A.Space.Run(() => RouteSocket.Use(route => route.AddRoute(Lab.B4, 32, null, Other)));
        session.Exchange(Piece);
        Assert.Contains(atOther.OfPort(Lab.Port), segment => segment.HasAo && segment.Payload > 0);
        Assert.DoesNotContain(atOther.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    [Fact]
    public void Bytes_SourcesAreCheckedStrictly_Arrive()
    {
        // rp_filter: the way back to the peer does not lead through the device
        using Lab lab = Start(isBothEnds: true, new Peering(Lab.Port, new Key(1, 2)));
        lab.A.SetSysctl("net/ipv4/conf/all/rp_filter", "1");
        lab.B.SetSysctl("net/ipv4/conf/all/rp_filter", "1");
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, Length);
    }

    [Fact]
    public void Bytes_OfASocketWithAMark_TakeTheQueue()
    {
        const int SolSocket = 1;
        const int Mark = 36;
        using Lab lab = Start(isBothEnds: false, new Peering(Lab.Port, new Key(1, 2)));
        using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);
        using Socket socket = lab.A.Tcp(AddressFamily.InterNetwork);
        socket.SetRawSocketOption(SolSocket, Mark, BitConverter.GetBytes(7));
        Wait.For(socket.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
        using Socket accepted = Transfer.Accept(listener);
        Session.Exchange(socket, accepted, Piece);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    [Fact]
    public void Start_AutoWhereNothingWatches_TakesTheDevice()
    {
        using var lab = new Lab();
        lab.RunA.Write("data-path: auto\n" + Peering.Configuration([new Peering(Lab.Port, new Key(1, 2))], Lab.B4, Lab.B6, isMirrored: false));
        lab.RunA.StartAndWait();
        lab.RunA.WaitFor("data path: tun");
    }

    [Fact]
    public void Start_AutoWithSeveralQueues_TakesThemAndSaysWhy()
    {
        using var lab = new Lab();
        lab.RunA.Write("data-path: auto\nqueues: 2\n" + Peering.Configuration([new Peering(Lab.Port, new Key(1, 2))], Lab.B4, Lab.B6, isMirrored: false));
        lab.RunA.StartAndWait();
        Assert.Contains("data path: nfqueue: queues: 2", lab.RunA.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_TunWhereItCannotBe_EndsWithTheReason()
    {
        using var lab = new Lab();
        lab.RunA.Write("data-path: tun\nqueues: 2\n" + Peering.Configuration([new Peering(Lab.Port, new Key(1, 2))], Lab.B4, Lab.B6, isMirrored: false));
        Assert.Equal(3, lab.RunA.RunToEnd([], "-c", lab.RunA.ConfigurationPath, "--state", lab.RunA.StatePath));
        Assert.Contains("data-path: tun cannot be had here: queues: 2", lab.RunA.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_ProcessTerminated_StayUntilTheyAreReleased()
    {
        using Lab lab = Start(isBothEnds: false, new Peering(Lab.Port, new Key(1, 2)));
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);
        using NftRuleset watcher = lab.A.Space.Run(() => NftRuleset.Open());
        Assert.Equal(0, lab.RunA.Terminate());
        Assert.True(watcher.Read()!.IsActive);
        Assert.True(HasRule(lab.A));
        int before = SentByA(lab);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            lab.AssertUdpPasses();
            Assert.Equal(before, SentByA(lab));
            Assert.False(connect.IsCompleted);
        }

        Assert.Equal(0, lab.RunB.Terminate());
        Assert.Equal(0, lab.RunA.Release().ExitCode);
        Assert.Equal(0, lab.RunB.Release().ExitCode);
        Assert.Null(watcher.Read());
        Assert.False(HasRule(lab.A));
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);
    }

    [Fact]
    public void Segments_ForgedOrUnsigned_DoNotReachTheStack()
    {
        using Lab lab = Start(isBothEnds: false, new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab);
        session.Exchange();

        // B stops to sign: its kernel's own segments come as they are
        lab.RunB.Kill();
        Assert.Equal(0, lab.RunB.Release().ExitCode);
        long segmentsIn = lab.A.SegmentsIn();
        int before = lab.Tap.Segments.Count;
        Session.Post(session.B);
        lab.Tap.WaitFor(1, segment => segment.SourcePort == Lab.Port && !segment.HasAo);
        lab.AssertUdpPasses(fromA: false);
        Assert.True(lab.Tap.Segments.Count > before);
        Assert.Equal(segmentsIn, lab.A.SegmentsIn());
    }

    private static Lab Start(bool isBothEnds, params Peering[] peerings)
    {
        var lab = new Lab();
        try
        {
            lab.RunA.Write(Tun + Peering.Configuration(peerings, Lab.B4, Lab.B6, isMirrored: false));
            lab.RunB.Write((isBothEnds ? Tun : string.Empty) + Peering.Configuration(peerings, Lab.A4, Lab.A6, isMirrored: true));
            lab.Start();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    private static bool HasRule(Host host)
    {
        bool hasRule = false;
        host.Space.Run(() => RouteSocket.Use(route => hasRule = route.HasMarkRule(TunPath.SteerMark)));
        return hasRule;
    }

    private static int SentByA(Lab lab) => lab.Tap.OfPort(Lab.Port).Count(segment => segment.DestinationPort == Lab.Port);
}
