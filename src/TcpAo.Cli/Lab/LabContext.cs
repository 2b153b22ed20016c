using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using TcpAo.Linux;

namespace TcpAo.Cli.Lab;

/// <summary>What a scenario is given.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Folder">An empty folder of its own.</param>
/// <param name="Daemons">A folder of unpacked packages to look for daemons in, besides the system; null for none.</param>
/// <param name="CaptureFolder">Where captures are left; null for nowhere.</param>
/// <param name="Report">Takes rows.</param>
internal sealed record LabContext(string Scenario, string Folder, string? Daemons, string? CaptureFolder, Action<LabRow> Report)
{
    /// <summary>Runs a case and reports its row.</summary>
    /// <param name="name">What is tried.</param>
    /// <param name="run">Gives what happened without and with TcpAo; throws where that is not as it should be.</param>
    public void Case(string name, Func<(string? Without, string? With)> run)
    {
        var watch = Stopwatch.StartNew();
        LabRow row;
        try
        {
            (string? without, string? with) = run();
            row = new LabRow(Scenario, name, without, with, LabOutcome.Ok, null, watch.Elapsed.TotalSeconds);
        }
        catch (LabSkipException skip)
        {
            row = new LabRow(Scenario, name, null, null, LabOutcome.Skipped, skip.Message, watch.Elapsed.TotalSeconds);
        }
        catch (Exception error) when (IsOutcome(error))
        {
            row = new LabRow(Scenario, name, null, null, LabOutcome.Failed, error.GetBaseException().Message, watch.Elapsed.TotalSeconds);
        }

        Report(row);
    }

    /// <summary>Whether an exception says what the hosts did, rather than that the lab has a mistake.</summary>
    public static bool IsOutcome(Exception error) =>
        error is LabFailureException or LinuxException or SocketException or IOException or AggregateException or UserErrorException or UnauthorizedAccessException or Win32Exception;
}
