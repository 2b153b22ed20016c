using TcpAo.Linux.Diagnostics;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>Data are swallowed on the way and acknowledged in the name of the peer: the sender forgets them, and they are lost.</summary>
internal sealed class AckAttack : IAttack
{
    public string Name => "forged ACK";

    public string Run(AttackStage stage)
    {
        using LabSession session = stage.Open();
        int port = session.PortOfA;
        LabSegment pattern = stage.Last(session, isFromA: false);
        uint sequence = stage.Next(session, isFromA: false);
        stage.Network.Tap.Swallow = segment => segment.IsFromA && segment.Payload > 0 && segment.SourcePort == port;
        int seen = stage.Network.Tap.Count;
        byte[] sent = session.Send(session.A, 500);
        uint end = stage.Network.Tap.WaitFor(segment => segment.IsFromA && segment.Payload > 0 && segment.SourcePort == port, "A has sent", seen).End;
        stage.Strike(isToA: true, pattern, options => Forge.Segment(pattern, TcpFlags.Ack, sequence, end, options: options));
        if (!stage.IsProtected)
        {
            LabWait.Until(() => TcpRepair.UnacknowledgedBy(session.A) == 0, "A believes a forged ACK");
            stage.Network.Tap.Swallow = null;
            return "the sender forgot bytes that never arrived";
        }

        stage.Network.RunA.WaitFor($":{port}", "refused");
        if (TcpRepair.UnacknowledgedBy(session.A) == 0)
        {
            throw new LabFailureException("A believed a forged ACK");
        }

        stage.Network.Tap.Swallow = null;
        LabSession.Receive(session.B, sent);
        session.Exchange();
        return "refused, the bytes arrived";
    }
}
