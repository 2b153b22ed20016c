using System.Diagnostics;
using TcpAo.Cli.Output;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Cli.Lab;

/// <summary>The scenarios, one after the other, inside namespaces of their own.</summary>
internal static class LabRun
{
    /// <summary>Hidden here behind an empty folder in memory, so that nothing is left when the lab is killed.</summary>
    private const string Runtime = "/run";

    public static int Execute(LabArguments arguments, ILabOutput output, TextWriter progress)
    {
        string folder = MakeFolder();
        var watch = Stopwatch.StartNew();
        int failed = 0;
        foreach (ILabScenario scenario in arguments.Scenarios)
        {
            progress.WriteLine($"tcpao: lab: {scenario.Name}: {scenario.Description} ...");
            var context = new LabContext(scenario.Name, Path.Combine(folder, scenario.Name), arguments.Daemons, arguments.CaptureFolder, row =>
            {
                failed += row.Outcome == LabOutcome.Failed ? 1 : 0;
                output.Row(row);
            });
            try
            {
                scenario.Run(context);
            }
            catch (Exception error) when (LabContext.IsOutcome(error))
            {
                context.Report(new LabRow(scenario.Name, "set-up", null, null, LabOutcome.Failed, error.GetBaseException().Message, 0));
            }
        }

        output.Summary(watch.Elapsed);
        return failed == 0 ? ExitCodes.Success : ExitCodes.No;
    }

    private static string MakeFolder()
    {
        try
        {
            MountNamespace.MountMemory(Runtime);
            return Directory.CreateDirectory(Path.Combine(Runtime, "tcpao-lab")).FullName;
        }
        catch (LinuxException)
        {
            // such as in a container that forbids mounts; what a killed lab leaves there is small
            return Directory.CreateTempSubdirectory("tcpao-lab-").FullName;
        }
    }
}
