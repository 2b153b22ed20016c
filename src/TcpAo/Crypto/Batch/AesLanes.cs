using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TcpAo.Crypto.Batch;

/// <summary>
/// CMAC's chains, eight side by side: each waits ten rounds for its next block, and a CPU begins two rounds a cycle that take four. Source: RFC 4493.
/// </summary>
/// <typeparam name="TAes">The rounds.</typeparam>
internal readonly ref struct AesLanes<TAes> : ILaneEngine
    where TAes : struct, IAesRounds
{
    private readonly Span<Vector128<byte>> _state;
    private readonly Span<Vector128<byte>> _keys;

    /// <summary>Sets up.</summary>
    /// <param name="memory">Room for 12 times 8 vectors.</param>
    public AesLanes(Span<byte> memory)
    {
        Span<Vector128<byte>> vectors = MemoryMarshal.Cast<byte, Vector128<byte>>(memory);
        _state = vectors[..Lanes];
        _keys = vectors.Slice(Lanes, AesKeySchedule.RoundKeys * Lanes);
    }

    /// <inheritdoc/>
    public static int Lanes => 8;

    /// <inheritdoc/>
    public static int BlockLength => AesKeySchedule.BlockLength;

    /// <inheritdoc/>
    public static int Fewest => 3;

    /// <inheritdoc/>
    public void Begin(int lane, in MacJob job)
    {
        ReadOnlySpan<Vector128<byte>> keys = MemoryMarshal.Cast<byte, Vector128<byte>>(job.Key.AsSpan(job.KeyAt, AesKeySchedule.Length));
        Span<Vector128<byte>> lanes = _keys[lane..];
        for (int i = 0; i < keys.Length; i++)
        {
            lanes[i * 8] = keys[i];
        }

        _state[lane] = Vector128<byte>.Zero;
    }

    /// <inheritdoc/>
    public void End(int lane, Span<byte> slot) => _state[lane].CopyTo(slot);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(scoped LaneBlocks blocks, int steps)
    {
        Span<Vector128<byte>> state = _state[..8];
        ReadOnlySpan<Vector128<byte>> keys = _keys[..(AesKeySchedule.RoundKeys * 8)];
        Vector128<byte> s0 = state[0], s1 = state[1], s2 = state[2], s3 = state[3], s4 = state[4], s5 = state[5], s6 = state[6], s7 = state[7];
        for (int i = 0; i < steps; i++)
        {
            s0 ^= Vector128.Create(blocks.Read(0, 0, 16)) ^ keys[0];
            s1 ^= Vector128.Create(blocks.Read(1, 0, 16)) ^ keys[1];
            s2 ^= Vector128.Create(blocks.Read(2, 0, 16)) ^ keys[2];
            s3 ^= Vector128.Create(blocks.Read(3, 0, 16)) ^ keys[3];
            s4 ^= Vector128.Create(blocks.Read(4, 0, 16)) ^ keys[4];
            s5 ^= Vector128.Create(blocks.Read(5, 0, 16)) ^ keys[5];
            s6 ^= Vector128.Create(blocks.Read(6, 0, 16)) ^ keys[6];
            s7 ^= Vector128.Create(blocks.Read(7, 0, 16)) ^ keys[7];
            blocks.Advance();
            ReadOnlySpan<Vector128<byte>> k;
            for (int round = 8; round < 80; round += 8)
            {
                k = keys.Slice(round, 8);
                s0 = TAes.Round(s0, k[0]);
                s1 = TAes.Round(s1, k[1]);
                s2 = TAes.Round(s2, k[2]);
                s3 = TAes.Round(s3, k[3]);
                s4 = TAes.Round(s4, k[4]);
                s5 = TAes.Round(s5, k[5]);
                s6 = TAes.Round(s6, k[6]);
                s7 = TAes.Round(s7, k[7]);
            }

            k = keys.Slice(80, 8);
            s0 = TAes.LastRound(s0, k[0]);
            s1 = TAes.LastRound(s1, k[1]);
            s2 = TAes.LastRound(s2, k[2]);
            s3 = TAes.LastRound(s3, k[3]);
            s4 = TAes.LastRound(s4, k[4]);
            s5 = TAes.LastRound(s5, k[5]);
            s6 = TAes.LastRound(s6, k[6]);
            s7 = TAes.LastRound(s7, k[7]);
        }

        (state[0], state[1], state[2], state[3]) = (s0, s1, s2, s3);
        (state[4], state[5], state[6], state[7]) = (s4, s5, s6, s7);
    }

    /// <inheritdoc/>
    public void RunAlone(int lane, scoped ReadOnlySpan<byte> blocks)
    {
        Span<byte> roundKeys = stackalloc byte[AesKeySchedule.Length];
        for (int i = 0; i < AesKeySchedule.RoundKeys; i++)
        {
            _keys[(i * Lanes) + lane].CopyTo(roundKeys[(i * AesKeySchedule.BlockLength)..]);
        }

        _state[lane] = AesHardware<TAes>.Chain(roundKeys, _state[lane], blocks);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(roundKeys);
    }
}
