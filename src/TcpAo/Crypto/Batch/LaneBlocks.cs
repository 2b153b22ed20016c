using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TcpAo.Crypto.Batch;

/// <summary>
/// Where the next block of each lane lies: in what was put together for the batch, or in the caller's buffer with the payloads. Both are one space of
/// places, the first one below <see cref="Gathered"/>'s length, so that to go on by a block is the same for all lanes.
/// </summary>
/// <param name="gathered">Headers, and ends with their padding.</param>
/// <param name="payloads">The caller's buffer.</param>
/// <param name="places">A place for each lane, a multiple of 8.</param>
/// <param name="strides">How far each lane goes with a block; none for one that has no job.</param>
internal readonly ref struct LaneBlocks(Span<byte> gathered, ReadOnlySpan<byte> payloads, Span<int> places, ReadOnlySpan<int> strides)
{
    /// <summary>Headers, and ends with their padding.</summary>
    public readonly Span<byte> Gathered = gathered;

    /// <summary>The caller's buffer.</summary>
    public readonly ReadOnlySpan<byte> Payloads = payloads;

    /// <summary>A place for each lane.</summary>
    public readonly Span<int> Places = places;

    private readonly ReadOnlySpan<int> _strides = strides;

    /// <summary>Bytes of a lane.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="ahead">Bytes behind its place.</param>
    /// <param name="length">How many are wanted.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Read(int lane, int ahead, int length) => ReadAt(Places[lane] + ahead, length);

    /// <summary>Bytes at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadAt(int place, int length) =>
        place < Gathered.Length ? Gathered.Slice(place, length) : Payloads.Slice(place - Gathered.Length, length);

    /// <summary>Lets every lane go on by a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        Span<Vector256<int>> eights = MemoryMarshal.Cast<int, Vector256<int>>(Places);
        ReadOnlySpan<Vector256<int>> distances = MemoryMarshal.Cast<int, Vector256<int>>(_strides);
        for (int i = 0; i < eights.Length; i++)
        {
            eights[i] += distances[i];
        }
    }
}
