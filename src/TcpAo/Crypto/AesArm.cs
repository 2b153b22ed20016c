using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace TcpAo.Crypto;

/// <summary>The rounds of Arm CPUs, whose instruction XORs a key at its beginning instead of its end: it gets zeros, and the key comes after.</summary>
internal readonly struct AesArm : IAesRounds
{
    /// <inheritdoc/>
    public static bool IsSupported => ArmAes.IsSupported;

    /// <inheritdoc/>
    public static string Name => "arm aes";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> state, Vector128<byte> roundKey) =>
        ArmAes.MixColumns(ArmAes.Encrypt(state, Vector128<byte>.Zero)) ^ roundKey;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LastRound(Vector128<byte> state, Vector128<byte> roundKey) => ArmAes.Encrypt(state, Vector128<byte>.Zero) ^ roundKey;
}
