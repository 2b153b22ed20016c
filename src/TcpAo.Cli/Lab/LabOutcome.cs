namespace TcpAo.Cli.Lab;

/// <summary>How a row of the lab ended.</summary>
internal enum LabOutcome
{
    /// <summary>Everything behaved.</summary>
    Ok,

    /// <summary>Something did not.</summary>
    Failed,

    /// <summary>It could not be tried here; the reason says what is missing.</summary>
    Skipped,
}
