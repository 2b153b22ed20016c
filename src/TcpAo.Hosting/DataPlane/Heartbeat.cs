namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Many loops, one heart: a beat is passed on when every loop has beaten since the last one, so that one that hangs stops all.
/// </summary>
/// <param name="loops">How many.</param>
/// <param name="beat">Is called when all have beaten.</param>
internal sealed class Heartbeat(int loops, Action beat)
{
    private readonly Lock _gate = new();
    private readonly bool[] _beaten = new bool[loops];
    private int _waiting = loops;

    /// <summary>A loop is alive. From its thread.</summary>
    /// <param name="loop">Its number, from 0.</param>
    public void Beat(int loop)
    {
        // without a lock where there is nothing new: loops run thousands of times between two beats of the slowest
        if (Volatile.Read(ref _beaten[loop]))
        {
            return;
        }

        lock (_gate)
        {
            _beaten[loop] = true;
            if (--_waiting > 0)
            {
                return;
            }

            Array.Clear(_beaten);
            _waiting = _beaten.Length;
        }

        beat();
    }
}
