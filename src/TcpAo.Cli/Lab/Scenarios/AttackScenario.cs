using TcpAo.Cli.Lab.Attacks;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>What somebody on the path can do. Each attack must succeed without TcpAo, or it would prove nothing, and fail with it.</summary>
internal sealed class AttackScenario : ILabScenario
{
    private static readonly LabKey s_key = new(61, 84, "a secret of the lab");

    private static readonly IAttack[] s_attacks =
    [
        new ResetAttack(),
        new SynAttack(),
        new DataAttack(),
        new AckAttack(),
        new OldConnectionAttack(),
        new OldCycleAttack(),
        new IcmpAttack(),
        new StrangerAttack("peer with a wrong key", AttackStage.WrongKeyPort, "does not match"),
        new StrangerAttack("peer that does not sign", AttackStage.UnsignedPort, "does not sign"),
        new FloodAttack(),
    ];

    public string Name => "attacks";

    public string Description => "forged and replayed segments from the middle of the link; each attack succeeds without TcpAo";

    public void Run(LabContext context)
    {
        using var plain = new LabNetwork(context, "without");
        using var signed = new LabNetwork(context, "with");
        signed.Protect(
            new LabPeer(AttackStage.Port, s_key),
            new LabPeer(AttackStage.WrongKeyPort, s_key) { KeysOfA = [s_key with { Secret = "another secret" }] },
            new LabPeer(AttackStage.UnsignedPort, s_key) { KeysOfA = [] });
        var without = new AttackStage(plain, isProtected: false);
        var with = new AttackStage(signed, isProtected: true);
        foreach (IAttack attack in s_attacks)
        {
            context.Case(attack.Name, () => (attack.Run(without), attack.Run(with)));
        }

        // what was forged went in beyond the capture: what the two ends sent themselves is all there is
        context.Case("every segment that the ends sent", () => (null, $"{signed.Judge(AttackStage.Port)} segments, all signed and valid"));
    }
}
