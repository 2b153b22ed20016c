namespace TcpAo.Cli.Lab.Attacks;

/// <summary>Something that somebody on the path does to two hosts.</summary>
internal interface IAttack
{
    /// <summary>What it is.</summary>
    string Name { get; }

    /// <summary>Does it. Without TcpAo it must succeed, with TcpAo it must not.</summary>
    /// <returns>What happened.</returns>
    /// <exception cref="LabFailureException">It was not as it must be.</exception>
    string Run(AttackStage stage);
}
