using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>A SYN in the name of the peer: the victim answers it and keeps half a connection.</summary>
internal sealed class SynAttack : IAttack
{
    private const ushort MadeUpPort = 5925;

    public string Name => "forged SYN";

    public string Run(AttackStage stage)
    {
        using LabSession session = stage.Open();

        // a session to the port is no listener: it needs one of its own
        using var open = stage.Network.B.Listen(AttackStage.Port);
        LabSegment pattern = stage.Last(session, isFromA: true);
        stage.Strike(isToA: false, pattern, options => Forge.Segment(pattern, TcpFlags.Syn, 1, 0, options: options, sourcePort: MadeUpPort));
        bool IsAnswered() => stage.Network.Tap.Find(segment => !segment.IsFromA && segment.DestinationPort == MadeUpPort).Count > 0;
        if (!stage.IsProtected)
        {
            return stage.Await(session, isOfA: false, IsAnswered, "the victim opened half a connection");
        }

        stage.Network.RunB.WaitFor($"{stage.Network.A.V4}:{MadeUpPort}", "refused");
        session.Exchange();
        return IsAnswered() ? throw new LabFailureException("a forged SYN was answered") : "refused, no answer";
    }
}
