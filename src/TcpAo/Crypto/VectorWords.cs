using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TcpAo.Crypto;

/// <summary>Four consecutive words of a message in one vector, for the message schedules of SHA-1 and SHA-256.</summary>
internal static class VectorWords
{
    private static Vector128<byte> SwapWords => Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);

    /// <summary>Reads four words that stand with the highest byte first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LoadBigEndian(ReadOnlySpan<byte> bytes)
    {
        Vector128<byte> loaded = Vector128.Create(bytes);
        return (BitConverter.IsLittleEndian ? Vector128.Shuffle(loaded, SwapWords) : loaded).AsUInt32();
    }

    /// <summary>Writes four words with the highest byte first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBigEndian(Vector128<uint> words, Span<byte> bytes) =>
        (BitConverter.IsLittleEndian ? Vector128.Shuffle(words.AsByte(), SwapWords) : words.AsByte()).CopyTo(bytes);

    /// <summary>The four words that start one word into <paramref name="first"/> and end in <paramref name="second"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> SkipOne(Vector128<uint> first, Vector128<uint> second) => Ssse3.IsSupported
        ? Ssse3.AlignRight(second.AsByte(), first.AsByte(), 4).AsUInt32()
        : Vector128.Shuffle(first, Vector128.Create(1u, 2, 3, 4)) | Vector128.Shuffle(second, Vector128.Create(4u, 4, 4, 0));

    /// <summary>The four words that start two words into <paramref name="first"/> and end in <paramref name="second"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> SkipTwo(Vector128<uint> first, Vector128<uint> second) => Ssse3.IsSupported
        ? Ssse3.AlignRight(second.AsByte(), first.AsByte(), 8).AsUInt32()
        : Vector128.Shuffle(first, Vector128.Create(2u, 3, 4, 4)) | Vector128.Shuffle(second, Vector128.Create(4u, 4, 0, 1));

    /// <summary>Turns each word left by <paramref name="bits"/>, a constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateLeft(Vector128<uint> words, [System.Diagnostics.CodeAnalysis.ConstantExpected] byte bits) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(words, bits)
        : (words << bits) | (words >>> (32 - bits));
}
