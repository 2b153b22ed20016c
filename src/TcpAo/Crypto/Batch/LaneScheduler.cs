using System.Runtime.CompilerServices;

namespace TcpAo.Crypto.Batch;

/// <summary>
/// Which job is in which lane. The longest come first, and a lane whose job ends takes the next, so that lanes stand idle only at the very end; what is left
/// then in too few lanes is finished one by one. Lengths are not secret.
/// </summary>
internal static class LaneScheduler
{
    private const int MostLanes = 16;
    private const int Idle = -1;

    /// <summary>Takes every job from <see cref="ILaneEngine.Begin"/> to <see cref="ILaneEngine.End"/>.</summary>
    /// <typeparam name="TEngine">Computes.</typeparam>
    /// <param name="engine">Computes.</param>
    /// <param name="jobs">The jobs, at least one; job i has slot i.</param>
    /// <param name="order">Which job comes when: the longest first.</param>
    /// <param name="gathered">The slots.</param>
    /// <param name="payloads">The caller's buffer.</param>
    public static void Run<TEngine>(ref TEngine engine, ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> gathered, ReadOnlySpan<byte> payloads)
        where TEngine : struct, ILaneEngine, allows ref struct
    {
        Span<int> places = stackalloc int[MostLanes];
        Span<int> strides = stackalloc int[MostLanes];
        Span<Lane> lanes = stackalloc Lane[MostLanes];
        places = places[..TEngine.Lanes];
        strides = strides[..TEngine.Lanes];
        lanes = lanes[..TEngine.Lanes];
        var blocks = new LaneBlocks(gathered, payloads, places, strides);
        int next = 0;
        int active = 0;
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i].Job = Idle;
            if (next < order.Length)
            {
                active++;
                Start(ref engine, i, ref lanes[i], jobs, order[next++], places, strides);
            }
        }

        while (active >= TEngine.Fewest)
        {
            int steps = int.MaxValue;
            foreach (ref readonly Lane lane in lanes)
            {
                steps = lane.Job == Idle ? steps : Math.Min(steps, lane.Left);
            }

            engine.Run(blocks, steps);
            for (int i = 0; i < lanes.Length; i++)
            {
                ref Lane lane = ref lanes[i];
                lane.Left -= steps;
                if (lane.Job == Idle || lane.Left > 0 || NextRun(ref lane, jobs[lane.Job], ref places[i]))
                {
                    continue;
                }

                End(ref engine, i, gathered, lane.Job);
                if (next < order.Length)
                {
                    Start(ref engine, i, ref lane, jobs, order[next++], places, strides);
                }
                else
                {
                    (lane.Job, places[i], strides[i]) = (Idle, 0, 0);
                    active--;
                }
            }
        }

        for (int i = 0; i < lanes.Length; i++)
        {
            ref Lane lane = ref lanes[i];
            if (lane.Job == Idle)
            {
                continue;
            }

            do
            {
                engine.RunAlone(i, blocks.ReadAt(places[i], lane.Left * TEngine.BlockLength));
            }
            while (NextRun(ref lane, jobs[lane.Job], ref places[i]));
            End(ref engine, i, gathered, lane.Job);
        }
    }

    // apart, or the loop above has more variables than registers
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Start<TEngine>(
        ref TEngine engine, int index, scoped ref Lane lane, scoped ReadOnlySpan<MacJob> jobs, int job, scoped Span<int> places, scoped Span<int> strides)
        where TEngine : struct, ILaneEngine, allows ref struct
    {
        ref readonly MacJob started = ref jobs[job];
        engine.Begin(index, started);
        lane.Job = job;
        lane.Run = 0;
        lane.Left = started.HeadBlocks;
        places[index] = job * MacBatch.SlotLength;
        strides[index] = TEngine.BlockLength;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void End<TEngine>(ref TEngine engine, int index, Span<byte> gathered, int job)
        where TEngine : struct, ILaneEngine, allows ref struct =>
        engine.End(index, gathered.Slice(job * MacBatch.SlotLength, MacBatch.SlotLength));

    /// <summary>Goes on to the next blocks of a lane's job; false at its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool NextRun(ref Lane lane, in MacJob job, ref int place)
    {
        if (lane.Run == 0 && job.BodyBlocks > 0)
        {
            (lane.Run, lane.Left, place) = (1, job.BodyBlocks, job.BodyPlace);
            return true;
        }

        if (lane.Run < 2 && job.TailBlocks > 0)
        {
            (lane.Run, lane.Left, place) = (2, job.TailBlocks, (lane.Job * MacBatch.SlotLength) + (MacBatch.SlotLength / 2));
            return true;
        }

        return false;
    }

    private struct Lane
    {
        public int Job;
        public int Run;
        public int Left;
    }
}
