using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Diagnostics;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>
/// A segment of the same connection, sent again 4 GiB later, when its sequence number comes round. TCP_REPAIR takes the connection there in three leaps,
/// as sending 4 GiB would; after each it carries data. Without timestamps, which would be TCP's own guard.
/// </summary>
internal sealed class OldCycleAttack : IAttack
{
    private const int OldBytes = 100;
    private const string Timestamps = "net/ipv4/tcp_timestamps";

    // less than 2^31 each: the whole way round in three
    private static readonly uint[] s_leaps = [0x60000000, 0xC0000000, 0];

    public string Name => "replay from 4 GiB earlier";

    public string Run(AttackStage stage)
    {
        stage.Network.A.Set(Timestamps, "0");
        using LabSession session = stage.Open();
        stage.Network.A.Set(Timestamps, "1");
        uint start = stage.Next(session, isFromA: true);
        byte[] old = session.Send(session.A, OldBytes);
        LabSession.Receive(session.B, old);
        LabSegment captured = stage.Network.Tap.Find(segment => segment.IsFromA && segment.SourcePort == session.PortOfA && segment.Sequence == start && segment.Payload == OldBytes)[0];
        foreach (uint leap in s_leaps)
        {
            AttackStage.WaitForRest(session);
            Leap(stage, session, start + leap);
            if (leap != 0)
            {
                LabSession.Receive(session.B, session.Send(session.A, OldBytes));
            }
        }

        // at this place the same bytes would be new ones
        stage.Inject(captured.Frame, isToA: false);
        return stage.Await(session, isOfA: false, () => session.B.Available > 0, "the program read old bytes again", "does not match");
    }

    /// <summary>A's next byte is another one from now on, for both ends.</summary>
    private static void Leap(AttackStage stage, LabSession session, uint next)
    {
        uint nextOfB = stage.Next(session, isFromA: false);
        (EndPoint a, EndPoint b) = (session.A.LocalEndPoint!, session.B.LocalEndPoint!);
        TcpRepair.Freeze(session.A);
        TcpRepair.Freeze(session.B);
        session.Dispose();
        (Socket newA, Socket newB) = (stage.Network.A.Tcp(isIPv6: false), stage.Network.B.Tcp(isIPv6: false));
        TcpRepair.Restore(newA, a, b, next, nextOfB);
        TcpRepair.Restore(newB, b, a, nextOfB, next);
        TcpRepair.Thaw(newA);
        TcpRepair.Thaw(newB);
        (session.A, session.B) = (newA, newB);
    }
}
