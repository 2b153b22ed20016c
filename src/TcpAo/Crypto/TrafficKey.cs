using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// A traffic key in the form in which its algorithm works fastest (hash states after the key pads, AES round keys, …),
/// held inline, so that one for a single segment needs no object; a connection keeps the bytes alone. Made by <see cref="MacAlgorithm.Prepare"/>; only the
/// algorithm that made it can read it. Source: RFC 5925 section 5.2.
/// </summary>
public struct TrafficKey
{
    /// <summary>Room in bytes: the largest form is 11 AES round keys and 2 CMAC subkeys.</summary>
    internal const int Capacity = 13 * 16;

    private Storage _storage;

    /// <summary>The prepared form, for the algorithm alone.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    internal Span<byte> Bytes => MemoryMarshal.AsBytes((Span<ulong>)_storage);

    /// <summary>The prepared form of a key that is only read.</summary>
    internal static ReadOnlySpan<byte> Read(ref readonly TrafficKey key) => MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)key._storage);

    /// <summary>Erases the key.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(Bytes);

    [InlineArray(Capacity / sizeof(ulong))]
    private struct Storage
    {
        private ulong _first;
    }
}
