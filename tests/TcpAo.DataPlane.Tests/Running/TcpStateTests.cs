using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>What the kernel's TCP does at the edges of a connection's life is signed too.</summary>
public sealed class TcpStateTests
{
    private static readonly Peering s_peering = new(Lab.Port, new Key(1, 2));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-132")]
    public void Listener_ThatAnswersWithSynCookies_GetsItsConnections(bool isIPv6)
    {
        using Lab lab = Lab.Protected(s_peering);
        lab.B.SetSysctl("net/ipv4/tcp_syncookies", "2");
        long before = lab.B.SynCookiesReceived();
        using Session session = Session.Open(lab, isIPv6: isIPv6);
        session.Exchange(100_000);
        Assert.Equal(before + 1, lab.B.SynCookiesReceived());
        AssertAllSigned(lab);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public void Connect_ToAClosedPort_IsNotAnsweredUnsigned()
    {
        // the reset has no second initial sequence number to be signed with: the port looks as on Linux with TCP-AO, silent
        using Lab lab = Lab.Protected(s_peering);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            lab.Tap.WaitFor(2, segment => segment.DestinationPort == Lab.Port);
            lab.AssertUdpPasses();
            Assert.False(connect.IsCompleted);
            Assert.DoesNotContain(lab.Tap.Segments, segment => segment.SourcePort == Lab.Port);
        }

        lab.RunB.WaitFor("held back: isn-unknown");
        AssertAllSigned(lab);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-066")]
    public void Reset_Unsigned_EndsAnAttemptOnlyWhereNothingIsProtected(bool isProtected)
    {
        // by hand: Linux with TCP MD5 and without TCP-AO does not answer a signed SYN to a closed port at all (6.18)
        using var lab = new Lab();
        lab.Configure(s_peering);
        if (isProtected)
        {
            lab.RunA.StartAndWait();
        }

        using var forge = new PacketForge(lab.B);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            SeenSegment syn = lab.Tap.WaitFor(1, segment => segment.Flags == TcpFlags.Syn)[0];
            byte[] reset = PacketForge.Tcp(Lab.B4, Lab.A4, syn.DestinationPort, syn.SourcePort);
            BinaryPrimitives.WriteUInt32BigEndian(reset.AsSpan(28), syn.Sequence + 1);
            reset[33] = (byte)(TcpFlags.Rst | TcpFlags.Ack);
            TcpPacketEditor.RewriteTcpChecksum(reset, reset.Length);
            forge.Send(reset);
            if (isProtected)
            {
                Assert.Contains("the port is closed", lab.RunA.WaitFor("does not sign"), StringComparison.Ordinal);
                lab.Tap.WaitFor(2, segment => segment.Flags == TcpFlags.Syn);
                Assert.False(connect.IsCompleted);
            }
            else
            {
                Wait.Until(() => connect.IsFaulted, "the attempt is over");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reset_OfAnOpenConnection_IsSignedAndEndsIt(bool byServer)
    {
        using Lab lab = Lab.Protected(s_peering);
        using Session session = Session.Open(lab);
        session.Exchange();
        (Socket from, Socket to) = byServer ? (session.B, session.A) : (session.A, session.B);
        from.LingerState = new LingerOption(enable: true, seconds: 0);
        from.Dispose();
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => to.Receive(new byte[1])).SocketErrorCode);
        lab.Tap.WaitFor(1, segment => segment.HasAo && (segment.Flags & TcpFlags.Rst) != TcpFlags.None);
        AssertAllSigned(lab);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Data_ToASocketThatIsGone_AreAnsweredByASignedReset(bool isIPv6)
    {
        using Lab lab = Lab.Protected(s_peering);
        using Session session = Session.Open(lab, isIPv6: isIPv6);
        session.Exchange();

        // its FIN is taken, and what comes afterwards has no reader: a reset out of the dead connection
        session.B.Dispose();
        Assert.Equal(0, session.A.Receive(new byte[1]));
        Session.Post(session.A);
        lab.Tap.WaitFor(1, segment => segment.SourcePort == Lab.Port && segment.HasAo && (segment.Flags & TcpFlags.Rst) != TcpFlags.None);
        Wait.Until(() => IsRefused(session.A), "A has taken the reset");
        AssertAllSigned(lab);
    }

    [Fact]
    public void Fin_AfterHalfClose_LetsTheOtherHalfGoOn()
    {
        using Lab lab = Lab.Protected(s_peering);
        using Session session = Session.Open(lab);
        session.A.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, session.B.Receive(new byte[1]));
        byte[] sent = Session.Post(session.B, 50_000);
        Session.AssertArrived(session.A, sent);
        session.B.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, session.A.Receive(new byte[1]));
        AssertAllSigned(lab);
    }

    [Fact]
    public void Fin_SentAgainToASocketInTimeWait_IsAcknowledgedAgainAndSigned()
    {
        // B closes first and its socket waits; to B, A's FIN comes once more, as after a lost ACK
        using Lab lab = Lab.Protected(s_peering);
        using var wire = new OnPathAttacker(lab);
        using Session session = Session.Open(lab);
        session.Exchange();
        session.B.Dispose();
        Assert.Equal(0, session.A.Receive(new byte[1]));
        session.A.Dispose();
        SeenSegment fin = lab.Tap.WaitFor(1, segment => segment.DestinationPort == Lab.Port && (segment.Flags & TcpFlags.Fin) != TcpFlags.None)[0];
        SeenSegment answer = lab.Tap.WaitFor(1, segment => IsAnswer(segment, fin))[0];
        byte[] frame = wire.FramesTo(Lab.Port).Single(frame => TcpPacket.TryParse(frame.AsSpan(14), out TcpPacket packet) == DropReason.None && (packet.Flags & TcpFlags.Fin) != TcpFlags.None);
        wire.Send(frame);
        IReadOnlyList<SeenSegment> answers = lab.Tap.WaitFor(2, segment => IsAnswer(segment, fin));
        Assert.All(answers, again => Assert.Equal((true, answer.KeyId), (again.HasAo, again.KeyId)));
        AssertAllSigned(lab);
    }

    [Fact]
    public void Keepalive_OfAnIdleConnection_IsSignedAndAnswered()
    {
        using Lab lab = Lab.Protected(s_peering);
        using Session session = Session.Open(lab);
        session.Exchange();
        session.A.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
        session.A.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        session.A.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
        session.A.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        int before = lab.Tap.OfPort(Lab.Port).Count;

        // three probes and their answers: without answers the second would have been the last
        lab.Tap.WaitFor(before + 6, segment => segment.HasPort(Lab.Port));
        session.Exchange();
        AssertAllSigned(lab);
    }

    [Fact]
    public void Open_FromBothEndsAtOnce_IsOneSignedConnection()
    {
        // both ends bind and connect; while A stands still B's SYN and A's meet
        const int PortOfA = 1790;
        using Lab lab = Lab.Protected(s_peering);
        using Socket a = lab.A.Tcp(AddressFamily.InterNetwork);
        using Socket b = lab.B.Tcp(AddressFamily.InterNetwork);
        a.Bind(new IPEndPoint(Lab.A4, PortOfA));
        b.Bind(new IPEndPoint(Lab.B4, Lab.Port));
        Task connectA = a.ConnectAsync(new IPEndPoint(Lab.B4, Lab.Port), TestContext.Current.CancellationToken).AsTask();
        Task connectB = b.ConnectAsync(new IPEndPoint(Lab.A4, PortOfA), TestContext.Current.CancellationToken).AsTask();
        Wait.For(connectA);
        Wait.For(connectB);
        Session.Exchange(a, b);
        AssertAllSigned(lab);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Socket_ConnectedToItself_GetsItsOwnBytes(string address)
    {
        // one address and one port at both ends: one key under one id both ways
        using var lab = new Lab();
        using var tap = new WireTap(lab.A);
        lab.RunA.Write($"key-chains: [{{ name: c, keys: [{{ id: 1, send-id: 5, recv-id: 5, secret: s }}] }}]\npeers: [{{ name: self, remote: \"{address}\", port: 179, key-chain: c }}]\n");
        lab.RunA.StartAndWait();
        var end = new IPEndPoint(IPAddress.Parse(address), Lab.Port);
        using Socket socket = lab.A.Tcp(end.AddressFamily);
        socket.Bind(end);
        Wait.For(socket.ConnectAsync(end, TestContext.Current.CancellationToken).AsTask());
        Session.AssertArrived(socket, Session.Post(socket));
        Assert.NotEmpty(tap.OfPort(Lab.Port));
        Assert.DoesNotContain(tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    /// <summary>A bare ACK of B behind its own FIN.</summary>
    private static bool IsAnswer(SeenSegment segment, SeenSegment fin) =>
        segment is { SourcePort: Lab.Port, Flags: TcpFlags.Ack, Payload: 0 } && segment.Acknowledgment == fin.Sequence + 1;

    private static bool IsRefused(Socket socket)
    {
        try
        {
            socket.Send(new byte[1]);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static void AssertAllSigned(Lab lab) => Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
}
