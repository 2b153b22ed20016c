using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>A RST with exactly the sequence number that the victim expects.</summary>
internal sealed class ResetAttack : IAttack
{
    public string Name => "forged RST";

    public string Run(AttackStage stage)
    {
        using LabSession session = stage.Open();
        LabSegment pattern = stage.Last(session, isFromA: true);
        (uint sequence, uint acknowledgment) = (stage.Next(session, isFromA: true), stage.Next(session, isFromA: false));
        stage.Strike(isToA: false, pattern, options => Forge.Segment(pattern, TcpFlags.Rst | TcpFlags.Ack, sequence, acknowledgment, options: options));
        return stage.Await(session, isOfA: false, () => TcpRepair.StateOf(session.B) == TcpState.Closed, "the connection was reset");
    }
}
