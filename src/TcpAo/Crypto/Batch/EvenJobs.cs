namespace TcpAo.Crypto.Batch;

/// <summary>Jobs of one shape, such as a burst of full segments: lanes that begin and end together need no scheduler.</summary>
internal static class EvenJobs
{
    /// <summary>Whether the next jobs are as many as there are lanes, and have equally many blocks in the same places.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="order">Which job comes when.</param>
    /// <param name="lanes">How many lanes there are.</param>
    public static bool AreNext(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, int lanes)
    {
        if (order.Length < lanes)
        {
            return false;
        }

        ref readonly MacJob first = ref jobs[order[0]];
        foreach (byte index in order[1..lanes])
        {
            ref readonly MacJob job = ref jobs[index];
            if (job.HeadBlocks != first.HeadBlocks || job.BodyBlocks != first.BodyBlocks || job.TailBlocks != first.TailBlocks)
            {
                return false;
            }
        }

        return true;
    }
}
