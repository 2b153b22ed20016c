using System.Net;
using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>Whatever the path takes, every byte arrives, signed, in packets that fit.</summary>
public sealed class PathMtuTests
{
    private const int Length = 400_000;

    private static readonly Peering s_peering = new(Lab.Port, new Key(1, 2));

    [Theory]
    [InlineData(false, 1400)]
    [InlineData(true, 1400)]
    [InlineData(true, 1280)]
    [InlineData(false, 560)]
    [Trait("Requirement", "R-086")]
    [Trait("Requirement", "R-094")]
    public void Bytes_OverARouterWithANarrowerWay_ArriveInSignedSegmentsThatFit(bool isIPv6, int mtu)
    {
        // 1280 is the least that Linux sends IPv6 in, 552 the least for IPv4: with the option that is too long, and one segment has to become two
        using var lab = new RoutedLab(mtu, s_peering);
        lab.Start();
        Transfer.Run(lab.A, lab.B, RoutedLab.AddressOfB(isIPv6), Lab.Port, Length);
        AssertFits(lab.Tap.OfPort(Lab.Port), mtu);
        Assert.Equal(0, lab.Router.Fragments());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-086")]
    public void Bytes_PathLearnedByAnotherFlowBefore_Arrive(bool isIPv6)
    {
        const int Mtu = 1300;
        using var lab = new RoutedLab(Mtu, s_peering);
        lab.Start();
        using Socket probe = lab.A.Udp(isIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        SetDiscovery(probe, isIPv6);

        // the kernel knows the way before there is a connection: its segments fill it, and ours would not fit
        probe.Connect(new IPEndPoint(RoutedLab.AddressOfB(isIPv6), 9));
        Wait.Until(() => IsRefused(probe, new byte[1400]), "the router has told its MTU");
        Transfer.Run(lab.A, lab.B, RoutedLab.AddressOfB(isIPv6), Lab.Port, Length);
        AssertFits(lab.Tap.OfPort(Lab.Port), Mtu);
    }

    [Theory]
    [InlineData(true, 1280)]
    [InlineData(true, 1400)]
    [InlineData(false, 560)]
    [InlineData(false, 1400)]
    [Trait("Requirement", "R-086")]
    public void Bytes_RouteOfOurOwnIsNarrow_ArriveSigned(bool isIPv6, int mtu)
    {
        // the kernel is its own router then: its error is queued like any
        using var lab = new Lab();
        lab.A.Space.Run(() => RouteSocket.Use(route => route.AddRoute(Lab.AddressOfB(isIPv6), isIPv6 ? 128 : 32, null, Lab.Link, mtu)));
        lab.Configure(s_peering);
        lab.Start();
        Transfer.Run(lab.A, lab.B, Lab.AddressOfB(isIPv6), Lab.Port, Length);
        AssertFits(lab.Tap.OfPort(Lab.Port), mtu);
    }

    [Fact]
    [Trait("Requirement", "R-086")]
    public void Bytes_MtuOfTheRouteIsLocked_ArriveInFragmentsOfSignedSegments()
    {
        // the kernel lets such packets be fragmented and hears of no error; B puts them together before they are verified
        using var lab = new Lab();
        lab.A.Space.Run(() => RouteSocket.Use(route => route.AddRoute(Lab.B4, 32, null, Lab.Link, 1400, isMtuLocked: true)));
        lab.Configure(s_peering);
        lab.Start();
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, Length);
        Assert.True(lab.A.Fragments() > 0);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-086")]
    public void Bytes_OverJumboFrames_FillThem(bool isIPv6)
    {
        const int Mtu = 9000;
        using var lab = new Lab();
        lab.A.Space.Run(() => RouteSocket.Use(route => route.SetMtu(Lab.Link, Mtu)));
        lab.B.Space.Run(() => RouteSocket.Use(route => route.SetMtu(Lab.Link, Mtu)));
        lab.Configure(s_peering);
        lab.Start();
        Transfer.Run(lab.A, lab.B, Lab.AddressOfB(isIPv6), Lab.Port, 4 * Length);
        AssertFits(lab.Tap.OfPort(Lab.Port), Mtu);
        Assert.Equal(Mtu, lab.Tap.OfPort(Lab.Port).Max(segment => segment.Length));
    }

    [Fact]
    [Trait("Requirement", "R-086")]
    public void Bytes_WithoutTheRightToCut_ArriveAllTheSame()
    {
        // the second parts are lost, and the kernel sends them again
        using var lab = new RoutedLab(1280, s_peering);
        lab.RunA.StartWithout("net_raw");
        lab.RunB.StartAndWait();
        lab.RunA.WaitFor("CAP_NET_RAW");
        lab.RunA.WaitFor("protecting");
        Transfer.Run(lab.A, lab.B, RoutedLab.AddressOfB(isIPv6: true), Lab.Port, 10_000);
        AssertFits(lab.Tap.OfPort(Lab.Port), 1280);
    }

    private static void AssertFits(IReadOnlyList<SeenSegment> segments, int mtu)
    {
        Assert.DoesNotContain(segments, segment => !segment.HasAo);

        // the way back is not narrow
        SeenSegment[] forth = [.. segments.Where(segment => segment.DestinationPort == Lab.Port)];
        Assert.True(forth.Max(segment => segment.Length) <= mtu);
        Assert.True(forth.Sum(segment => (long)segment.Payload) >= 10_000);
    }

    private static void SetDiscovery(Socket socket, bool isIPv6)
    {
        // IP_MTU_DISCOVER and IPV6_MTU_DISCOVER: always
        const int Do = 2;
        socket.SetRawSocketOption(isIPv6 ? 41 : 0, isIPv6 ? 23 : 10, BitConverter.GetBytes(Do));
    }

    private static bool IsRefused(Socket socket, byte[] datagram)
    {
        try
        {
            socket.Send(datagram);
            return false;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.MessageSize)
        {
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
