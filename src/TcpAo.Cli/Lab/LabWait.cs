using System.Diagnostics;

namespace TcpAo.Cli.Lab;

/// <summary>Waits on conditions. The limit only ends what has failed.</summary>
internal static class LabWait
{
    public const int Milliseconds = 15_000;

    public static void Until(Func<bool> condition, string what)
    {
        if (!SpinUntil(condition))
        {
            throw new LabFailureException($"waited {Milliseconds / 1000} s in vain until {what}");
        }
    }

    public static void For(Task task, string what)
    {
        if (!task.Wait(Milliseconds))
        {
            throw new LabFailureException($"waited {Milliseconds / 1000} s in vain until {what}");
        }
    }

    private static bool SpinUntil(Func<bool> condition)
    {
        // a millisecond between looks: spinning would take the processor from those that are waited for
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.ElapsedMilliseconds > Milliseconds)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }
}
