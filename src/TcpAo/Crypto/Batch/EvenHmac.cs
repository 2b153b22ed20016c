using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TcpAo.Crypto.Batch;

/// <summary>
/// HMACs of as many messages as there are lanes, all with equally many blocks: no job comes or goes on the way, and the inner digests become the outer block where
/// they are, a word of all lanes in a vector. Source: RFC 2104.
/// </summary>
/// <typeparam name="THash">The hash.</typeparam>
/// <typeparam name="TLaneHash">The hash over lanes.</typeparam>
/// <typeparam name="TLanes">How blocks come into lanes.</typeparam>
/// <typeparam name="TVector">A word of each lane.</typeparam>
internal static class EvenHmac<THash, TLaneHash, TLanes, TVector>
    where THash : struct, IHmacHash
    where TLaneHash : struct, ILaneHash<TVector>
    where TLanes : struct, IWordLanes<TVector>
    where TVector : struct
{
    private const int StateVectors = 2 * IBlockHash.LongestState;
    private const int MostLanes = 16;

    /// <summary>Vectors of working memory.</summary>
    public static int Vectors => StateVectors + 16;

    /// <summary>Computes them; each result stands at the beginning of its job's slot.</summary>
    public static void Compute(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> memory, Span<byte> gathered, ReadOnlySpan<byte> payloads)
    {
        order = order[..TLanes.Count];
        Span<TVector> vectors = MemoryMarshal.Cast<byte, TVector>(memory);
        Span<TVector> states = vectors[..StateVectors];
        Span<TVector> inner = states[..IBlockHash.LongestState];
        Span<TVector> outer = states[IBlockHash.LongestState..];
        Span<TVector> words = vectors.Slice(StateVectors, 16);
        Span<int> places = stackalloc int[MostLanes];
        Span<int> strides = stackalloc int[MostLanes];
        strides.Fill(IBlockHash.BlockLength);
        TLanes.LoadStates(jobs, order, states);
        for (int i = 0; i < order.Length; i++)
        {
            places[i] = order[i] * MacBatch.SlotLength;
        }

        var blocks = new LaneBlocks(gathered, payloads, places[..TLanes.Count], strides[..TLanes.Count]);
        ref readonly MacJob first = ref jobs[order[0]];
        Eat(inner, words, blocks, first.HeadBlocks);
        if (first.TailBlocks > 0)
        {
            for (int i = 0; i < order.Length; i++)
            {
                places[i] = jobs[order[i]].BodyPlace;
            }

            Eat(inner, words, blocks, first.BodyBlocks);
            for (int i = 0; i < order.Length; i++)
            {
                places[i] = (order[i] * MacBatch.SlotLength) + (MacBatch.SlotLength / 2);
            }

            Eat(inner, words, blocks, first.TailBlocks);
        }

        EatDigests(inner, outer, words);
        TLanes.StoreMacs(outer, order, gathered);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eat(Span<TVector> state, Span<TVector> words, scoped in LaneBlocks blocks, int count)
    {
        for (int i = 0; i < count; i++)
        {
            TLanes.LoadBlocks(blocks, words);
            blocks.Advance();
            TLaneHash.Compress(state, words);
        }
    }

    /// <summary>The outer hash's only block: the inner digest and its padding.</summary>
    private static void EatDigests(ReadOnlySpan<TVector> inner, Span<TVector> outer, Span<TVector> words)
    {
        int digestWords = THash.InitialState.Length;
        inner[..digestWords].CopyTo(words);
        words[digestWords..].Clear();
        words[digestWords] = TLanes.Broadcast(0x8000_0000);
        words[15] = TLanes.Broadcast((uint)(IBlockHash.BlockLength + (digestWords * sizeof(uint))) * 8);
        TLaneHash.Compress(outer, words);
    }
}
