// The instruction that .NET has no intrinsic for: 12 bytes of code in a page of their own, written first and made executable then.
using System.Diagnostics;
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Diagnostics;

/// <summary>
/// The time stamp counter of x86 CPUs (RDTSCP), in which costs of cryptographic code are usually told. It runs at a fixed rate, which is not that of the core.
/// </summary>
public static unsafe class TimeStampCounter
{
    private const int CalibrationMilliseconds = 50;

    private static readonly delegate* unmanaged[SuppressGCTransition]<ulong> s_read = Make();
    private static readonly Lazy<double> s_frequency = new(Calibrate);

    /// <summary>Whether this CPU has it and the kernel lets us use it.</summary>
    public static bool IsSupported => s_read is not null;

    /// <summary>Counts a second, measured against the monotonic clock.</summary>
    public static double Frequency => s_frequency.Value;

    /// <summary>The counter, after what comes before has been done. Only where <see cref="IsSupported"/>.</summary>
    public static ulong Read() => s_read();

    private static delegate* unmanaged[SuppressGCTransition]<ulong> Make()
    {
        // rdtscp; shl rdx, 32; or rax, rdx; ret
        ReadOnlySpan<byte> code = [0x0F, 0x01, 0xF9, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return null;
        }

        nuint length = (nuint)Environment.SystemPageSize;
        nint page = Libc.mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        if (page == Libc.MAP_FAILED)
        {
            return null;
        }

        code.CopyTo(new Span<byte>((void*)page, code.Length));
        return Libc.mprotect(page, length, Libc.PROT_READ | Libc.PROT_EXEC) == 0 ? (delegate* unmanaged[SuppressGCTransition]<ulong>)page : null;
    }

    private static double Calibrate()
    {
        ulong before = Read();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < CalibrationMilliseconds)
        {
            Thread.SpinWait(10);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (Read() - before) / seconds;
    }
}
