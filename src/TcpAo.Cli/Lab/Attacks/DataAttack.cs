using System.Text;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>Bytes in the name of the peer, where its next ones are expected.</summary>
internal sealed class DataAttack : IAttack
{
    private static readonly byte[] s_bytes = Encoding.ASCII.GetBytes("withdraw everything");

    public string Name => "forged data";

    public string Run(AttackStage stage)
    {
        using LabSession session = stage.Open();
        LabSegment pattern = stage.Last(session, isFromA: true);
        (uint sequence, uint acknowledgment) = (stage.Next(session, isFromA: true), stage.Next(session, isFromA: false));
        stage.Strike(isToA: false, pattern, options => Forge.Segment(pattern, TcpFlags.Psh | TcpFlags.Ack, sequence, acknowledgment, s_bytes, options));
        string happened = stage.Await(session, isOfA: false, () => session.B.Available > 0, "the program read forged bytes");
        if (!stage.IsProtected)
        {
            LabSession.Receive(session.B, s_bytes);
        }

        return happened;
    }
}
