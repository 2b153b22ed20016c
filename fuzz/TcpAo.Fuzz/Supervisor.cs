using System.Diagnostics;

namespace TcpAo.Fuzz;

/// <summary>Runs each target in a process of its own, which a guard page may kill, and keeps the input that killed it.</summary>
internal static class Supervisor
{
    /// <returns>0, or 1 when something was found.</returns>
    public static int Run(IEnumerable<IFuzzTarget> targets, FuzzOptions options)
    {
        bool isSound = true;
        foreach (IFuzzTarget target in targets)
        {
            isSound &= RunOne(target.Name, options);
        }

        return isSound ? 0 : 1;
    }

    private static bool RunOne(string target, FuzzOptions options)
    {
        ProcessStartInfo start = new(Environment.ProcessPath ?? throw new InvalidOperationException("the program's path is unknown"));
        string program = Path.GetFileNameWithoutExtension(start.FileName);
        if (string.Equals(program, "dotnet", StringComparison.Ordinal))
        {
            start.ArgumentList.Add(typeof(Supervisor).Assembly.Location);
        }

        foreach (string argument in (string[])[target, "--worker", "--seconds", $"{options.Seconds}", "--seed", $"{options.Seed}"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process worker = Process.Start(start)!;
        worker.WaitForExit();
        byte[]? input = FlightRecorder.Recover(target);
        if (input is not null)
        {
            CrashStore.Keep(target, input, $"a crash: the process ended with {worker.ExitCode}");
        }

        return worker.ExitCode == 0 && input is null;
    }
}
