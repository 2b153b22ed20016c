using TcpAo.Cli.Lab;

namespace TcpAo.Cli.Output;

/// <summary>Words for what the lab finds.</summary>
internal static class LabText
{
    public static string NameOf(LabOutcome outcome) => outcome switch
    {
        LabOutcome.Ok => "ok",
        LabOutcome.Skipped => "skipped",
        _ => "failed",
    };
}
