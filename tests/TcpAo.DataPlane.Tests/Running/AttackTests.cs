using System.Net.Sockets;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>Somebody who sees and sends everything on the wire, but has no key, reaches nothing.</summary>
public sealed class AttackTests
{
    private const int Burst = 500;
    private const int Forged = 10_000;
    private const int Flood = 200_000;
    private const int OtherPort = 180;
    private const int ClientPort = 40_179;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-072")]
    [Trait("Requirement", "R-073")]
    public void ForgedSegments_OfALiveConnection_NeverReachTheKernel(bool isIPv6)
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using var attacker = new OnPathAttacker(lab);
        using Session session = Session.Open(lab, isIPv6: isIPv6);
        session.Exchange();
        byte[] last = LastOf(attacker);
        for (int sent = 0; sent < Forged; sent += Burst)
        {
            long queued = QueuedAtB(lab).Sequence;
            for (int number = sent; number < sent + Burst; number++)
            {
                attacker.Send(attacker.Forge(last, number));
            }

            WaitUntilDecided(lab, queued + Burst);
        }

        session.Exchange();
        AssertOnlyGenuineArrived(attacker, lab);
    }

    [Fact]
    [Trait("Requirement", "R-053")]
    [Trait("Requirement", "R-074")]
    public void Segments_OfAnEarlierConnectionOnTheSamePorts_ChangeNothing()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using var attacker = new OnPathAttacker(lab);
        using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);
        using (Session first = Session.Open(lab, listener, ClientPort))
        {
            first.Exchange();

            // B closes first, and A's port is free at once
            first.B.LingerState = new LingerOption(enable: true, 0);
            first.B.Dispose();
            Assert.Throws<SocketException>(() => first.A.Receive(new byte[1]));
        }

        IReadOnlyList<byte[]> earlier = attacker.FramesTo(Lab.Port);
        using Session session = Session.Open(lab, listener, ClientPort);
        session.Exchange();
        long queued = QueuedAtB(lab).Sequence;
        foreach (byte[] frame in earlier)
        {
            attacker.Send(frame);
        }

        WaitUntilDecided(lab, queued + earlier.Count);
        session.Exchange();

        // the SYN of then is authentic; a live connection answers it with an ACK and A's TCP that with nothing (RFC 5961 section 4)
        AssertOnlyGenuineArrived(attacker, lab, besides: 1);
    }

    [Fact]
    [Trait("Requirement", "R-074")]
    public void Segments_OfTheLiveConnectionItself_ChangeNothingAgain()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using var attacker = new OnPathAttacker(lab);
        using Session session = Session.Open(lab);
        for (int round = 0; round < 3; round++)
        {
            session.Exchange();
            LastOf(attacker);
            long queued = QueuedAtB(lab).Sequence;
            IReadOnlyList<byte[]> frames = attacker.FramesTo(Lab.Port);
            foreach (byte[] frame in frames)
            {
                attacker.Send(frame);
            }

            WaitUntilDecided(lab, queued + frames.Count);
        }

        session.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-053")]
    public void Segment_OfAnEarlierCycleOfSequenceNumbers_IsNoNews()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using var attacker = new OnPathAttacker(lab);
        using Session session = Session.Open(lab);
        session.Exchange();

        // a segment that is on the wire and does not arrive
        lab.RunB.Kill();
        int seen = attacker.FramesTo(Lab.Port).Count;
        byte[] posted = Session.Post(session.A, 600);
        Wait.Until(() => attacker.FramesTo(Lab.Port).Count > seen, "A's segment was on the wire");
        byte[] old = LastOf(attacker);

        // 2^32 bytes later: both ends count one cycle more, and the very same sequence number is the next one again
        lab.RunA.Kill();
        SavedCycles.Advance(lab.RunA.StatePath);
        SavedCycles.Advance(lab.RunB.StatePath);
        long segmentsIn = lab.B.SegmentsIn();
        lab.RunB.StartAndWait();
        long queued = QueuedAtB(lab).Sequence;
        attacker.Send(old);
        WaitUntilDecided(lab, queued + 1);
        lab.RunB.WaitFor("does not match");
        Assert.Equal(segmentsIn, lab.B.SegmentsIn());

        // what A sends in this cycle is what arrives
        lab.RunA.StartAndWait();
        Session.AssertArrived(session.B, posted);
        session.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-076")]
    public void Flood_FromOnePeersAddress_LeavesTheSessionOfAnotherUp()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)), new Peering(OtherPort, new Key(3, 4)));
        using var attacker = new OnPathAttacker(lab);
        using Session attacked = Session.Open(lab);
        using Session other = Session.Open(lab, OtherPort, isIPv6: true);
        attacked.Exchange();
        other.Exchange();
        byte[] last = LastOf(attacker);
        byte[][] forged = [.. Enumerable.Range(0, 30).Select(number => attacker.Forge(last, number))];
        Task flood = Task.Factory.StartNew(
            () =>
            {
                for (int number = 0; number < Flood; number++)
                {
                    attacker.Send(forged[number % forged.Length]);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        int exchanges = 0;
        do
        {
            other.Exchange();
            exchanges++;
        }
        while (!flood.IsCompleted);

        Wait.For(flood);
        attacked.Exchange();
        Assert.True(exchanges > 0);

        // and an operator sees who is in trouble
        JsonElement shown = lab.RunB.Show();
        Assert.NotEqual(0u, shown.GetProperty("counters").GetProperty("bad").GetUInt64());
        Assert.Contains(shown.GetProperty("refusals").EnumerateArray(), refusal => refusal.GetRawText().Contains($"{Lab.A4}:", StringComparison.Ordinal));
        Assert.DoesNotContain(shown.GetProperty("refusals").EnumerateArray(), refusal => refusal.GetRawText().Contains(Lab.A6.ToString(), StringComparison.Ordinal));
    }

    /// <summary>The last data segment that A sent.</summary>
    private static byte[] LastOf(OnPathAttacker attacker)
    {
        const int Long = 500;
        byte[]? last = null;
        Wait.Until(() => (last = attacker.FramesTo(Lab.Port).LastOrDefault(frame => frame.Length > Long)) is not null, "the attacker saw data of A");
        return last!;
    }

    private static void AssertOnlyGenuineArrived(OnPathAttacker attacker, Lab lab, int besides = 0) => Wait.Until(
        () => lab.B.SegmentsIn() == attacker.FramesTo(Lab.Port).Count + besides,
        $"B's TCP got just what A sent: {lab.B.SegmentsIn()} against {attacker.FramesTo(Lab.Port).Count} + {besides}");

    private static (long Sequence, long Waiting) QueuedAtB(Lab lab)
    {
        NfQueueStatistics queue = Assert.Single(lab.B.Space.Run(NfQueueStatistics.Read));
        return (queue.LastId, queue.Depth);
    }

    private static void WaitUntilDecided(Lab lab, long sequence) => Wait.Until(
        () => QueuedAtB(lab) is { Waiting: 0 } now && now.Sequence >= sequence,
        "everything in the queue was decided");
}
