using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace TcpAo.Crypto;

/// <summary>The rounds of x86 CPUs.</summary>
internal readonly struct AesX86 : IAesRounds
{
    /// <inheritdoc/>
    public static bool IsSupported => X86Aes.IsSupported;

    /// <inheritdoc/>
    public static string Name => "aes-ni";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> state, Vector128<byte> roundKey) => X86Aes.Encrypt(state, roundKey);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LastRound(Vector128<byte> state, Vector128<byte> roundKey) => X86Aes.EncryptLast(state, roundKey);
}
