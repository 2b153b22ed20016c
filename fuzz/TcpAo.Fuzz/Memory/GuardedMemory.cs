using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TcpAo.Fuzz.Memory;

/// <summary>
/// Memory between two pages that nobody may touch. A span handed out borders on one of them; the next one is the same memory again. It is never
/// given back, for a span keeps nothing alive, and a process has few of them.
/// </summary>
internal sealed unsafe class GuardedMemory
{
    private readonly int _page = Environment.SystemPageSize;
    private readonly int _capacity;
    private readonly nint _start;

    /// <param name="capacity">The most bytes that will be asked for.</param>
    public GuardedMemory(int capacity)
    {
        _capacity = (capacity + _page - 1) / _page * _page;
        nuint whole = (nuint)(_capacity + (2 * _page));
        _start = LibC.MemoryMap(0, whole, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        if (_start == LibC.MAP_FAILED
            || LibC.MemoryProtect(_start, (nuint)_page, LibC.PROT_NONE) != 0
            || LibC.MemoryProtect(_start + _page + _capacity, (nuint)_page, LibC.PROT_NONE) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Bytes that border on the page behind or before them; their content is what was there.</summary>
    public Span<byte> Take(int length, GuardSide side)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _capacity);
        nint start = _start + _page + (side == GuardSide.Behind ? _capacity - length : 0);
        return new Span<byte>((void*)start, length);
    }

    /// <summary>A copy that borders on the page behind or before it.</summary>
    public Span<byte> Copy(ReadOnlySpan<byte> bytes, GuardSide side)
    {
        Span<byte> copy = Take(bytes.Length, side);
        bytes.CopyTo(copy);
        return copy;
    }
}
