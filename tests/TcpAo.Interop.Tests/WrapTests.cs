using System.Net;
using System.Net.Sockets;
using TcpAo.Capture;
using TcpAo.Interop.Tests.Support;
using TcpAo.Linux.Diagnostics;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>Sequence numbers wrap at 2^32 in a session with Linux's own TCP-AO, and both ends count the same SNE (RFC 5925 section 6.2).</summary>
public sealed class WrapTests(LinuxPeer peer) : IClassFixture<LinuxPeer>
{
    private const int Length = 1_000_000;

    // so close that each direction wraps early; with 0xffffffff Linux's passive side would go wrong (docs/deviations.md)
    private const uint Isn = 0xFFFF_0000;

    // of the range that the configuration of the cases has for it; another one when a connection is made once more
    private int _port = 16_400;

    [Theory]
    [InlineData(KeyCases.WrapOfOurs + "IPv4", true, false)]
    [InlineData(KeyCases.WrapOfOurs + "IPv6", true, false)]
    [InlineData(KeyCases.WrapOfTheirs + "IPv4", false, true)]
    [InlineData(KeyCases.WrapOfTheirs + "IPv6", false, true)]
    [InlineData(KeyCases.WrapOfBoth + "IPv4", true, true)]
    [InlineData(KeyCases.WrapOfBoth + "IPv6", true, true)]
    [Trait("Requirement", "R-048")]
    [Trait("Requirement", "R-053")]
    public void SequenceNumbers_PastTheWrap_AreVerifiedAtBothEnds(string name, bool oursWraps, bool theirsWraps)
    {
        GuestPrograms.SkipUnlessCompiled();
        peer.Begin();
        KeyCase one = KeyCases.Named(name);
        peer.Verified(one, Length, () => (oursWraps, theirsWraps) switch
        {
            (true, true) => BothConnect(one),
            (true, false) => WeConnect(one),
            _ => TheyConnect(one),
        });
        Assert.Equal((oursWraps, theirsWraps), (HasWrapped(one, one.HostAddress), HasWrapped(one, one.GuestAddress)));
    }

    private AoReport WeConnect(KeyCase one)
    {
        Guest.GuestProgram server = peer.Guest.Start(one.ServerCommand(), one.Port);
        using (Socket socket = peer.Connect(one, socket => TcpRepair.SetInitialSequence(socket, Isn)))
        {
            ExchangeAndEnd(one, socket);
        }

        return AoReport.Parse(server.WaitForEnd());
    }

    private AoReport TheyConnect(KeyCase one)
    {
        using Socket listener = peer.Listen(one);
        Guest.GuestProgram client = peer.Guest.Start(one.RelayCommand(Isn, 0, one.Port));
        using (Socket socket = LinuxPeer.Accept(listener))
        {
            ExchangeAndEnd(one, socket);
        }

        return AoReport.Parse(client.WaitForEnd());
    }

    /// <summary>A simultaneous open (RFC 9293 section 3.5): only who connects can be given an ISN.</summary>
    private AoReport BothConnect(KeyCase one)
    {
        int port = _port++;
        Guest.GuestProgram client = peer.Guest.Start(one.RelayCommand(Isn, one.Port, port));
        using (Socket socket = peer.Connect(one, Prepare))
        {
            ExchangeAndEnd(one, socket);
        }

        return AoReport.Parse(client.WaitForEnd());

        void Prepare(Socket socket)
        {
            socket.Bind(new IPEndPoint(one.HostAddress, port));
            TcpRepair.SetInitialSequence(socket, Isn);
        }
    }

    private static void ExchangeAndEnd(KeyCase one, Socket socket)
    {
        Echo.Exchange(socket, Echo.RandomBytes(Length, one.Port));
        Echo.End(socket);
    }

    /// <summary>Whether valid segments of an end had SNE 1.</summary>
    private bool HasWrapped(KeyCase one, IPAddress from) => peer.Wire(one).Any(report => report is { Verdict: SegmentVerdict.Valid, Sne: 1 }
        && string.Equals(report.Source?.Address.ToString(), from.ToString(), StringComparison.Ordinal));
}
