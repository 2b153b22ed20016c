namespace TcpAo.Tests.Support;

/// <summary>Bytes that code allocates on its thread.</summary>
internal static class Allocated
{
    private const int Passes = 5;

    /// <summary>
    /// What a pass allocates at least, after two for the compiler: what belongs to the code is in each pass, what the runtime does for itself now and then
    /// is not.
    /// </summary>
    public static long Least(Action pass)
    {
        long least = long.MaxValue;
        for (int i = -2; i < Passes && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            pass();
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            least = i < 0 ? least : Math.Min(least, allocated);
        }

        return least;
    }
}
