using System.Runtime.InteropServices;

namespace TcpAo.Crypto.Batch;

/// <summary>One of the two hashes of an HMAC over lanes.</summary>
/// <typeparam name="THash">The hash, for one lane alone.</typeparam>
/// <typeparam name="TLaneHash">The hash over lanes.</typeparam>
/// <typeparam name="TLanes">How blocks come into lanes.</typeparam>
/// <typeparam name="TVector">A word of each lane.</typeparam>
internal ref struct HashLanes<THash, TLaneHash, TLanes, TVector> : ILaneEngine
    where THash : struct, IHmacHash
    where TLaneHash : struct, ILaneHash<TVector>
    where TLanes : struct, IWordLanes<TVector>
    where TVector : struct
{
    private const int StateLength = IBlockHash.LongestState * sizeof(uint);

    // a row for each lane while jobs come and go, a vector for each word while blocks are eaten
    private readonly Span<TVector> _state;
    private readonly Span<TVector> _words;
    private readonly int _keyOffset;
    private bool _isInRows = true;

    /// <summary>Sets up the inner or the outer hash.</summary>
    /// <param name="memory">Room for a row for each lane and 16 vectors.</param>
    /// <param name="isOuter">Which of the two.</param>
    public HashLanes(Span<byte> memory, bool isOuter)
    {
        Span<TVector> vectors = MemoryMarshal.Cast<byte, TVector>(memory);
        _state = vectors[..TLanes.Count];
        _words = vectors.Slice(TLanes.Count, 16);
        _keyOffset = isOuter ? StateLength : 0;
    }

    /// <inheritdoc/>
    public static int Lanes => TLanes.Count;

    /// <inheritdoc/>
    public static int BlockLength => IBlockHash.BlockLength;

    /// <inheritdoc/>
    public static int Fewest => TLanes.Fewest;

    /// <inheritdoc/>
    public void Begin(int lane, in MacJob job) => job.Key.AsSpan(job.KeyAt + _keyOffset, StateLength).CopyTo(MemoryMarshal.AsBytes(Row(lane)));

    /// <inheritdoc/>
    public void End(int lane, Span<byte> slot) => THash.WriteDigestBlock(Row(lane), slot);

    /// <inheritdoc/>
    public void Run(scoped LaneBlocks blocks, int steps)
    {
        if (_isInRows)
        {
            Turn();
        }

        for (int i = 0; i < steps; i++)
        {
            TLanes.LoadBlocks(blocks, _words);
            blocks.Advance();
            TLaneHash.Compress(_state, _words);
        }
    }

    /// <inheritdoc/>
    public void RunAlone(int lane, scoped ReadOnlySpan<byte> blocks) => THash.Compress(Row(lane), blocks);

    private Span<uint> Row(int lane)
    {
        if (!_isInRows)
        {
            Turn();
        }

        // a row is a vector long, of which the state takes the first eight words
        return MemoryMarshal.Cast<TVector, uint>(_state.Slice(lane, 1))[..IBlockHash.LongestState];
    }

    private void Turn()
    {
        TLanes.Transpose(_state);
        _isInRows = !_isInRows;
    }
}
