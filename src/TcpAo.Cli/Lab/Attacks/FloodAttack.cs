using System.Security.Cryptography;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>Ten thousand guesses: data all over the sequence space, half of them with a guessed MAC.</summary>
internal sealed class FloodAttack : IAttack
{
    private const int Count = 10_000;

    public string Name => "10 000 forged segments";

    public string Run(AttackStage stage)
    {
        using LabSession session = stage.Open();
        LabSegment pattern = stage.Last(session, isFromA: true);
        byte[] payload = new byte[64];
        long before = stage.Network.B.SegmentsIn();
        int seen = stage.Network.Tap.Count;
        for (int i = 0; i < Count; i++)
        {
            uint sequence = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
            byte[] options = stage.IsProtected && i % 2 == 0 ? Forge.GuessedOption(pattern) : [];
            stage.Inject(Forge.Segment(pattern, TcpFlags.Psh | TcpFlags.Ack, sequence, pattern.Acknowledgment, payload, options), isToA: false);
        }

        if (!stage.IsProtected)
        {
            long reached = 0;
            LabWait.Until(() => (reached = stage.Network.B.SegmentsIn() - before) >= Count * 9 / 10, "forged segments reach the TCP of B");
            return $"{Math.Min(reached, Count)} reached TCP";
        }

        session.Exchange();
        AttackStage.WaitForRest(session);
        long forged = stage.Network.B.SegmentsIn() - before - stage.Network.Tap.Find(segment => segment.IsFromA, seen).Count;
        return forged > 0 ? throw new LabFailureException($"{forged} forged segments reached TCP") : "0 reached TCP, the session goes on";
    }
}
