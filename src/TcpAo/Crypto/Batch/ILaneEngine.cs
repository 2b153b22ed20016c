namespace TcpAo.Crypto.Batch;

/// <summary>Computes several MACs side by side; <see cref="LaneScheduler"/> says which job is in which lane.</summary>
internal interface ILaneEngine
{
    /// <summary>Jobs side by side.</summary>
    static abstract int Lanes { get; }

    /// <summary>Bytes of a block.</summary>
    static abstract int BlockLength { get; }

    /// <summary>With fewer jobs than this one after the other is faster.</summary>
    static abstract int Fewest { get; }

    /// <summary>Puts the state that a job starts with into a lane.</summary>
    void Begin(int lane, in MacJob job);

    /// <summary>Writes what a job ended with.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="slot">Its slot.</param>
    void End(int lane, Span<byte> slot);

    /// <summary>Eats a block of every lane, again and again.</summary>
    /// <param name="blocks">Where they lie.</param>
    /// <param name="steps">How many of each.</param>
    void Run(scoped LaneBlocks blocks, int steps);

    /// <summary>Eats blocks of one lane alone.</summary>
    void RunAlone(int lane, scoped ReadOnlySpan<byte> blocks);
}
