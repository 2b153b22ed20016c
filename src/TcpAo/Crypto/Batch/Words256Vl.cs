using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TcpAo.Crypto.Batch;

/// <summary>8 lanes of a CPU that has AVX-512's rotations and three-way logic for shorter vectors too (AVX-512VL).</summary>
internal readonly struct Words256Vl : IWordLanes<Vector256<uint>>
{
    /// <inheritdoc/>
    public static bool IsSupported => Avx512F.VL.IsSupported && Words256.IsSupported;

    /// <inheritdoc/>
    public static int Count => Words256.Count;

    /// <inheritdoc/>
    public static int Fewest => 4;

    /// <inheritdoc/>
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    /// <inheritdoc/>
    public static void LoadBlocks(scoped in LaneBlocks blocks, Span<Vector256<uint>> words) => Words256.LoadBlocks(blocks, words);

    /// <inheritdoc/>
    public static void LoadStates(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<Vector256<uint>> states) => Words256.LoadStates(jobs, order, states);

    /// <inheritdoc/>
    public static void StoreMacs(ReadOnlySpan<Vector256<uint>> state, ReadOnlySpan<byte> order, Span<byte> gathered) => Words256.StoreMacs(state, order, gathered);

    /// <inheritdoc/>
    public static void Transpose(Span<Vector256<uint>> rows) => Words256.Transpose(rows);
}
