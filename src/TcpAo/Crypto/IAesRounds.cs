using System.Runtime.Intrinsics;

namespace TcpAo.Crypto;

/// <summary>The rounds of AES as a CPU has them.</summary>
internal interface IAesRounds
{
    /// <summary>Whether this CPU has them.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>What they are called in outputs.</summary>
    static abstract string Name { get; }

    /// <summary>SubBytes, ShiftRows, MixColumns, then XOR with the round key.</summary>
    static abstract Vector128<byte> Round(Vector128<byte> state, Vector128<byte> roundKey);

    /// <summary>The same without MixColumns.</summary>
    static abstract Vector128<byte> LastRound(Vector128<byte> state, Vector128<byte> roundKey);
}
