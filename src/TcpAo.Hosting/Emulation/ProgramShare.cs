namespace TcpAo.Hosting.Emulation;

/// <summary>What the programs of one user have of a daemon that serves many users, and the most that they may have (docs/reference/exec.md). Used from any thread.</summary>
internal sealed class ProgramShare
{
    /// <summary>Programs at once.</summary>
    public const int MaxPrograms = 64;

    /// <summary>Sockets that are known at once: those with keys, listeners, and those that asked for keys.</summary>
    public const int MaxSockets = 16_384;

    private int _programs;
    private int _sockets;

    /// <summary>A program more.</summary>
    /// <returns>False where there are as many as may be.</returns>
    public bool TryAddProgram() => TryAdd(ref _programs, MaxPrograms);

    /// <summary>A program has ended.</summary>
    public void RemoveProgram() => Interlocked.Decrement(ref _programs);

    /// <summary>A socket more.</summary>
    /// <returns>False where there are as many as may be.</returns>
    public bool TryAddSocket() => TryAdd(ref _sockets, MaxSockets);

    /// <summary>A socket is gone.</summary>
    public void RemoveSocket() => Interlocked.Decrement(ref _sockets);

    private static bool TryAdd(ref int count, int most)
    {
        if (Interlocked.Increment(ref count) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }
}
