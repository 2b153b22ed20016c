using System.Diagnostics;
using Xunit;

namespace TcpAo.Linux.Tests.Support;

/// <summary>
/// Waits on conditions; the limit only ends a test that has failed. After a while without an answer TCP tries again ever more rarely, and a guest on a busy machine takes
/// half a minute to start what a host starts in one second.
/// </summary>
internal static class Wait
{
    public const int Milliseconds = 120_000;

    public static void Until(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Milliseconds))
        {
            Assert.Fail($"In vain waited {Milliseconds / 1000} s until {what}.");
        }
    }

    public static void For(Task task)
    {
        Stopwatch watch = Stopwatch.StartNew();
        if (!task.Wait(Milliseconds, TestContext.Current.CancellationToken))
        {
            Assert.Fail($"A task was not done after {watch.Elapsed.TotalSeconds:F0} s.");
        }
    }

    /// <summary>Waits for a task and gives what it brought.</summary>
    public static T ForResult<T>(Task<T> task)
    {
        For(task);
        return task.Result;
    }
}
