using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>Asks again until it holds. Each question is a program run, so nothing else need slow it down.</summary>
internal static class Until
{
    public static void True(Func<bool> condition, Func<string> what)
    {
        long end = Environment.TickCount64 + Lines.Milliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                Assert.Fail($"in vain waited until {what()}");
            }

            Thread.Yield();
        }
    }
}
