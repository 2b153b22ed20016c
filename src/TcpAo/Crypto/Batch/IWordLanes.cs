namespace TcpAo.Crypto.Batch;

/// <summary>32-bit words of several messages side by side in one vector.</summary>
/// <typeparam name="TVector">The vector: a lane a message.</typeparam>
internal interface IWordLanes<TVector>
    where TVector : struct
{
    /// <summary>Whether this CPU has it.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Messages side by side.</summary>
    static abstract int Count { get; }

    /// <summary>With fewer messages than this one after the other is faster.</summary>
    static abstract int Fewest { get; }

    /// <summary>The same word in every lane.</summary>
    static abstract TVector Broadcast(uint word);

    /// <summary>Reads the lanes' next blocks and turns them round: word i of all blocks into vector i, the highest byte first in memory.</summary>
    /// <param name="blocks">Where the blocks lie.</param>
    /// <param name="words">Receives 16 vectors.</param>
    static abstract void LoadBlocks(scoped in LaneBlocks blocks, Span<TVector> words);

    /// <summary>Reads the prepared keys of as many jobs as there are lanes and turns them round: 8 vectors of the inner hash's state, then 8 of the outer one's.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="order">Which job is in which lane.</param>
    /// <param name="states">Receives 16 vectors.</param>
    static abstract void LoadStates(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<TVector> states);

    /// <summary>Writes the first four words of each lane's state to the beginning of its job's slot, the highest byte first.</summary>
    /// <param name="state">At least four vectors.</param>
    /// <param name="order">Which job is in which lane.</param>
    /// <param name="gathered">The slots.</param>
    static abstract void StoreMacs(ReadOnlySpan<TVector> state, ReadOnlySpan<byte> order, Span<byte> gathered);

    /// <summary>Turns rows round in place: word i of row j becomes word j of vector i, for as many words as there are lanes.</summary>
    /// <param name="rows">A vector for each lane.</param>
    static abstract void Transpose(Span<TVector> rows);
}
