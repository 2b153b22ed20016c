// Bob Jenkins' lookup3 (public domain, 2006), which nf_tables' hash expression uses over its registers, and its way of folding the result.
using System.Numerics;
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Netfilter;

/// <summary>The hash that spreads connections over queues, as the kernel computes it.</summary>
internal static class JenkinsHash
{
    /// <summary>A number from 0 to <paramref name="count"/> − 1.</summary>
    /// <param name="words">What is hashed, one to twelve words as they lie in memory.</param>
    /// <param name="seed">The seed of the rule.</param>
    /// <param name="count">How many numbers there are.</param>
    public static int Fold(ReadOnlySpan<uint> words, uint seed, int count) => (int)(((ulong)Compute(words, seed) * (uint)count) >> 32);

    private static uint Compute(ReadOnlySpan<uint> words, uint seed)
    {
        uint a = 0xDEAD_BEEF + (uint)MemoryMarshal.AsBytes(words).Length + seed;
        uint b = a;
        uint c = a;
        for (; words.Length > 3; words = words[3..])
        {
            a += words[0];
            b += words[1];
            c += words[2];
            a = (a - c) ^ BitOperations.RotateLeft(c, 4);
            c += b;
            b = (b - a) ^ BitOperations.RotateLeft(a, 6);
            a += c;
            c = (c - b) ^ BitOperations.RotateLeft(b, 8);
            b += a;
            a = (a - c) ^ BitOperations.RotateLeft(c, 16);
            c += b;
            b = (b - a) ^ BitOperations.RotateLeft(a, 19);
            a += c;
            c = (c - b) ^ BitOperations.RotateLeft(b, 4);
            b += a;
        }

        a += words[0];
        b += words.Length > 1 ? words[1] : 0;
        c += words.Length > 2 ? words[2] : 0;
        c = (c ^ b) - BitOperations.RotateLeft(b, 14);
        a = (a ^ c) - BitOperations.RotateLeft(c, 11);
        b = (b ^ a) - BitOperations.RotateLeft(a, 25);
        c = (c ^ b) - BitOperations.RotateLeft(b, 16);
        a = (a ^ c) - BitOperations.RotateLeft(c, 4);
        b = (b ^ a) - BitOperations.RotateLeft(a, 14);
        return (c ^ b) - BitOperations.RotateLeft(b, 24);
    }
}
