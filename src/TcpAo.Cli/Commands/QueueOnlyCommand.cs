using System.CommandLine;
using TcpAo.Cli.Bench.DataPath;

namespace TcpAo.Cli.Commands;

/// <summary>The process that the benchmark of the data path compares ours with.</summary>
internal sealed class QueueOnlyCommand : Command
{
    private static readonly Argument<string> s_how = new("HOW");

    public QueueOnlyCommand()
        : base(QueueOnly.Verb)
    {
        Hidden = true;
        Add(s_how);
        SetAction(parsed => QueueOnly.Serve(parsed.GetValue(s_how)!));
    }
}
