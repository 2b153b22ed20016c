using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto.Batch;

/// <summary>Bytes that begin at a line of the CPU's cache and stay where they are: a vector that straddles two lines costs double, at each use.</summary>
internal sealed class AlignedMemory
{
    private const int LineLength = 64;

    // pinned: the collector neither moves it nor leaves a copy of what it held
    private readonly byte[] _bytes;
    private readonly int _start;
    private readonly int _length;

    /// <summary>Takes memory.</summary>
    /// <param name="length">How many bytes.</param>
    public AlignedMemory(int length)
    {
        _bytes = GC.AllocateArray<byte>(length + LineLength - 1, pinned: true);
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0) & (LineLength - 1));
        _length = length;
    }

    /// <summary>The bytes.</summary>
    public Span<byte> Span => _bytes.AsSpan(_start, _length);

    /// <summary>Erases the first bytes.</summary>
    public void Erase(int count) => CryptographicOperations.ZeroMemory(Span[..count]);
}
