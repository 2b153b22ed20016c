using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>While nobody runs nothing of a protected connection passes, and everything else does; a later start goes on where the last one was.</summary>
public sealed class FailClosedTests
{
    private const ushort OtherPort = 1790;

    [Fact]
    [Trait("Requirement", "R-090")]
    public void Connection_ProcessKilled_StandsStillAndGoesOnAfterTheNextStart()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab);
        session.Exchange();
        lab.RunA.Kill();
        int before = SentByA(lab);
        byte[] toB = Session.Post(session.A);
        lab.AssertUdpPasses();
        Assert.Equal(before, SentByA(lab));

        // what comes from outside is signed and on the wire, and A's TCP gets nothing of it
        long segmentsIn = lab.A.SegmentsIn();
        int sentByB = SentByB(lab);
        byte[] toA = Session.Post(session.B);
        lab.Tap.WaitFor(sentByB + 1, IsOfB);
        lab.AssertUdpPasses(fromA: false);
        Assert.Equal(segmentsIn, lab.A.SegmentsIn());
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            Transfer.Run(lab.A, lab.B, Lab.B4, OtherPort, 100_000);
            Transfer.Run(lab.B, lab.A, Lab.A6, OtherPort, 100_000);
            Assert.Equal(before, SentByA(lab));
            Assert.False(connect.IsCompleted);
        }

        lab.RunA.StartAndWait();
        Assert.Contains("1 connections continue", lab.RunA.Log, StringComparison.Ordinal);
        Session.AssertArrived(session.B, toB);
        Session.AssertArrived(session.A, toA);
        session.Exchange();
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
        Assert.Contains(lab.Tap.OfPort(OtherPort), segment => !segment.HasAo);
    }

    [Fact]
    public void Rules_ProcessTerminated_StayUntilTheyAreReleased()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);
        using NftRuleset watcher = lab.A.Space.Run(() => NftRuleset.Open());
        Assert.SkipUnless(watcher.Support.HasPersistentOwner, "the kernel lets anybody change a table (before Linux 6.9)");

        // nobody takes them from a living program
        (int code, string log) = lab.RunA.Release();
        Assert.Equal((4, 1), (code, log.Split('\n').Length));
        Assert.Contains("another running tcpao owns the table", log, StringComparison.Ordinal);
        Assert.Throws<LinuxException>(() => watcher.Remove());
        Assert.True(File.Exists(lab.RunA.StatePath));
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);

        Assert.Equal(0, lab.RunA.Terminate());
        Assert.Contains("stopped", lab.RunA.Log, StringComparison.Ordinal);
        Assert.True(watcher.Read()!.IsActive);
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
        Assert.False(File.Exists(lab.RunA.StatePath));
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);
        Assert.Contains(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    [Fact]
    public void Rules_RemovedWhileNobodyRan_AreBackAfterTheNextStart()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab);
        lab.RunA.Kill();
        using NftRuleset other = lab.A.Space.Run(() => NftRuleset.Open());
        Assert.True(other.Remove());
        Assert.Null(other.Read());
        lab.RunA.StartAndWait();
        Assert.True(other.Read()!.IsActive);
        session.Exchange();
        int before = lab.Tap.OfPort(Lab.Port).Count;
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port).Skip(before), segment => !segment.HasAo);
    }

    [Fact]
    public void Bytes_ProcessKilledFiveTimes_AllArrive()
    {
        const int BytesPerLife = 512 * 1024;
        const int Lives = 6;
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab);
        byte[] sent = new byte[BytesPerLife * Lives];
        new Random(Lives).NextBytes(sent);
        Task send = Task.Factory.StartNew(
            () =>
            {
                for (int at = 0; at < sent.Length;)
                {
                    at += session.A.Send(sent, at, Math.Min(16 * 1024, sent.Length - at), SocketFlags.None);
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        byte[] got = new byte[sent.Length];
        int length = 0;
        for (int life = 1; life <= Lives; life++)
        {
            // not all of what this life may carry: the sender is never done before the last
            while (length < BytesPerLife * life)
            {
                int received = session.B.Receive(got, length, Math.Min(16 * 1024, (BytesPerLife * life) - length), SocketFlags.None);
                Assert.NotEqual(0, received);
                length += received;
            }

            if (life < Lives)
            {
                // the sender and the receiver take turns
                TcpaoProcess victim = life % 2 == 0 ? lab.RunA : lab.RunB;
                victim.Kill();
                victim.StartAndWait();
            }
        }

        Wait.For(send);
        Assert.Equal(sent, got);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }

    private static bool IsOfB(SeenSegment segment) => segment.Source.Equals(Lab.B4) && segment.SourcePort == Lab.Port;

    private static int SentByB(Lab lab) => lab.Tap.Segments.Count(IsOfB);

    private static int SentByA(Lab lab) => lab.Tap.OfPort(Lab.Port).Count(segment => segment.Source.Equals(Lab.A4));
}
