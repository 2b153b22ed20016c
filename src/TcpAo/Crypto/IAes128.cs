using System.Runtime.Intrinsics;

namespace TcpAo.Crypto;

/// <summary>AES-128 in the one shape that CMAC needs.</summary>
internal interface IAes128
{
    /// <summary>What it is called in outputs.</summary>
    static abstract string Name { get; }

    /// <summary>Chains whole blocks: for each, the state becomes the encryption of state XOR block.</summary>
    /// <param name="roundKeys">The 11 round keys that <see cref="AesKeySchedule"/> wrote.</param>
    /// <param name="state">What the blocks before led to; zero at the start.</param>
    /// <param name="blocks">A multiple of 16 bytes.</param>
    static abstract Vector128<byte> Chain(ReadOnlySpan<byte> roundKeys, Vector128<byte> state, ReadOnlySpan<byte> blocks);
}
