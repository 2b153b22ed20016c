using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TcpAo.Crypto;

/// <summary>AES-128 by a CPU's instructions for its rounds. Source: FIPS 197.</summary>
/// <typeparam name="TRounds">The instructions.</typeparam>
internal readonly struct AesHardware<TRounds> : IAes128
    where TRounds : struct, IAesRounds
{
    /// <inheritdoc/>
    public static string Name => TRounds.Name;

    /// <inheritdoc/>
    public static Vector128<byte> Chain(ReadOnlySpan<byte> roundKeys, Vector128<byte> state, ReadOnlySpan<byte> blocks)
    {
        ReadOnlySpan<Vector128<byte>> keys = MemoryMarshal.Cast<byte, Vector128<byte>>(roundKeys)[..AesKeySchedule.RoundKeys];
        ReadOnlySpan<Vector128<byte>> rest = MemoryMarshal.Cast<byte, Vector128<byte>>(blocks);
        if (rest.IsEmpty)
        {
            return state;
        }

        // The last round ends with an XOR of its key. The next block and the first round key are XORed in right after it, so
        // all three go in as one, prepared while the rounds run: the chain waits for the ten rounds and nothing else.
        Vector128<byte> key1 = keys[1], key2 = keys[2], key3 = keys[3], key4 = keys[4], key5 = keys[5], key6 = keys[6], key7 = keys[7], key8 = keys[8], key9 = keys[9];
        Vector128<byte> between = keys[10] ^ keys[0];
        state ^= rest[0] ^ keys[0];
        for (int i = 1; i < rest.Length; i++)
        {
            Vector128<byte> last = rest[i] ^ between;
            state = Rounds(state, key1, key2, key3, key4, key5, key6, key7, key8, key9);
            state = TRounds.LastRound(state, last);
        }

        state = Rounds(state, key1, key2, key3, key4, key5, key6, key7, key8, key9);
        return TRounds.LastRound(state, keys[10]);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Rounds(
        Vector128<byte> state,
        Vector128<byte> key1,
        Vector128<byte> key2,
        Vector128<byte> key3,
        Vector128<byte> key4,
        Vector128<byte> key5,
        Vector128<byte> key6,
        Vector128<byte> key7,
        Vector128<byte> key8,
        Vector128<byte> key9)
    {
        state = TRounds.Round(state, key1);
        state = TRounds.Round(state, key2);
        state = TRounds.Round(state, key3);
        state = TRounds.Round(state, key4);
        state = TRounds.Round(state, key5);
        state = TRounds.Round(state, key6);
        state = TRounds.Round(state, key7);
        state = TRounds.Round(state, key8);
        return TRounds.Round(state, key9);
    }
}
