using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace TcpAo.Crypto;

/// <summary>AES-128 by the x86 instructions. Source: FIPS 197.</summary>
internal readonly struct AesX86 : IAes128
{
    /// <summary>Whether this CPU has them.</summary>
    public static bool IsSupported => X86Aes.IsSupported;

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
            state = X86Aes.EncryptLast(state, last);
        }

        state = Rounds(state, key1, key2, key3, key4, key5, key6, key7, key8, key9);
        return X86Aes.EncryptLast(state, keys[10]);
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
        state = X86Aes.Encrypt(state, key1);
        state = X86Aes.Encrypt(state, key2);
        state = X86Aes.Encrypt(state, key3);
        state = X86Aes.Encrypt(state, key4);
        state = X86Aes.Encrypt(state, key5);
        state = X86Aes.Encrypt(state, key6);
        state = X86Aes.Encrypt(state, key7);
        state = X86Aes.Encrypt(state, key8);
        return X86Aes.Encrypt(state, key9);
    }
}
