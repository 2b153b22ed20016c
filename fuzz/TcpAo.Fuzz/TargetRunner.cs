using TcpAo.Fuzz.Memory;

namespace TcpAo.Fuzz;

/// <summary>Runs inputs of one target out of guarded memory.</summary>
internal sealed class TargetRunner(IFuzzTarget target)
{
    /// <summary>What is longer is cut.</summary>
    public const int MaxInput = 1 << 17;

    private readonly GuardedMemory _memory = new(MaxInput);

    public IFuzzTarget Target { get; } = target;

    public void Run(ReadOnlySpan<byte> input, GuardSide side) =>
        Target.Run(_memory.Copy(input[..Math.Min(input.Length, MaxInput)], side));

    /// <summary>With the forbidden page behind the input, then before it.</summary>
    public void RunBothSides(ReadOnlySpan<byte> input)
    {
        Run(input, GuardSide.Behind);
        Run(input, GuardSide.Before);
    }

    /// <summary>Deterministic mutations of a pool, as the test run does them; the pool grows by what is new.</summary>
    public void RunMutations(IEnumerable<byte[]> seeds, int count, int seed)
    {
        InputPool pool = new(seeds);
        Mutator mutator = new(seed);
        Signals.Clear();
        for (int i = 0; i < count; i++)
        {
            byte[] input = mutator.Next(pool.Inputs);
            try
            {
                Run(input, (GuardSide)(i & 1));
            }
            catch (Exception e)
            {
                throw new FuzzFailureException($"{Target.Name}, mutation {i} of seed {seed}: {e.Message}\ninput {Convert.ToHexStringLower(input)}\n{e}");
            }

            pool.Offer(input);
        }
    }
}
