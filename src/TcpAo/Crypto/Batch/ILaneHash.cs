namespace TcpAo.Crypto.Batch;

/// <summary>The compression function of a hash over several messages side by side.</summary>
/// <typeparam name="TVector">A word of each message.</typeparam>
internal interface ILaneHash<TVector>
    where TVector : struct
{
    /// <summary>Eats one block of each lane.</summary>
    /// <param name="state">Eight vectors, of which as many change as the hash has words.</param>
    /// <param name="words">The blocks' 16 words.</param>
    static abstract void Compress(Span<TVector> state, ReadOnlySpan<TVector> words);
}
