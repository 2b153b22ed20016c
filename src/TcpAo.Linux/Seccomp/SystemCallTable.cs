// AUDIT_ARCH_* of linux/audit.h and the call numbers of each interface (arch/*/entry/syscalls, asm-generic/unistd.h).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Seccomp;

/// <summary>How programs of one kind call the kernel: the numbers of the calls that matter here.</summary>
/// <param name="Architecture">What seccomp says the call is of.</param>
/// <param name="Connect">The number of connect(2).</param>
/// <param name="SetOption">The number of setsockopt(2).</param>
/// <param name="GetOption">The number of getsockopt(2).</param>
/// <param name="Listen">The number of listen(2).</param>
/// <param name="SendTo">The number of sendto(2).</param>
/// <param name="SendMessage">The number of sendmsg(2).</param>
/// <param name="SendMessages">The number of sendmmsg(2).</param>
/// <param name="OpenAt">The number of openat(2).</param>
/// <param name="Open">The number of open(2); null where there is none.</param>
/// <param name="Multiplexer">The number of socketcall(2), which has its arguments in memory; null where there is none.</param>
/// <param name="Is32Bit">Whether pointers have 32 bits.</param>
internal sealed record SystemCallTable(uint Architecture, uint Connect, uint SetOption, uint GetOption, uint Listen, uint SendTo, uint SendMessage, uint SendMessages, uint OpenAt, uint? Open, uint? Multiplexer, bool Is32Bit)
{
    /// <summary>First argument of socketcall(2), linux/net.h.</summary>
    public const uint SYS_CONNECT = 3;
    public const uint SYS_LISTEN = 4;
    public const uint SYS_SENDTO = 11;
    public const uint SYS_SETSOCKOPT = 14;
    public const uint SYS_GETSOCKOPT = 15;
    public const uint SYS_SENDMSG = 16;
    public const uint SYS_SENDMMSG = 20;

    /// <summary>openat2(2), the same on every architecture.</summary>
    public const uint OpenAt2 = 437;

    /// <summary>io_uring_setup(2), the same on every architecture; io_uring_enter(2) and io_uring_register(2) follow it.</summary>
    public const uint RingSetup = 425;
    public const uint RingEnter = 426;
    public const uint RingRegister = 427;

    // x32 programs say that they are x86-64 ones; their numbers have this bit, and setsockopt and getsockopt are not those of x86-64
    public const uint X32 = 0x40000000;

    public static readonly SystemCallTable X64 = new(0xC000003E, 42, 54, 55, Listen: 50, SendTo: 44, SendMessage: 46, SendMessages: 307, OpenAt: 257, Open: 2, Multiplexer: null, Is32Bit: false);
    public static readonly SystemCallTable X64Narrow = new(0xC000003E, X32 | 42, X32 | 541, X32 | 542, Listen: X32 | 50, SendTo: X32 | 44, SendMessage: X32 | 518, SendMessages: X32 | 538, OpenAt: X32 | 257, Open: X32 | 2, Multiplexer: null, Is32Bit: true);
    public static readonly SystemCallTable X86 = new(0x40000003, 362, 366, 365, Listen: 363, SendTo: 369, SendMessage: 370, SendMessages: 345, OpenAt: 295, Open: 5, Multiplexer: 102, Is32Bit: true);
    public static readonly SystemCallTable Arm64 = new(0xC00000B7, 203, 208, 209, Listen: 201, SendTo: 206, SendMessage: 211, SendMessages: 269, OpenAt: 56, Open: null, Multiplexer: null, Is32Bit: false);
    public static readonly SystemCallTable Arm = new(0x40000028, 283, 294, 295, Listen: 284, SendTo: 290, SendMessage: 296, SendMessages: 374, OpenAt: 322, Open: 5, Multiplexer: null, Is32Bit: true);
    public static readonly SystemCallTable RiscV64 = new(0xC00000F3, 203, 208, 209, Listen: 201, SendTo: 206, SendMessage: 211, SendMessages: 269, OpenAt: 56, Open: null, Multiplexer: null, Is32Bit: false);

    /// <summary>Those of the programs that this machine runs.</summary>
    /// <exception cref="PlatformNotSupportedException">The interception is not made for this machine.</exception>
    public static IReadOnlyList<SystemCallTable> OfThisMachine => Of(RuntimeInformation.ProcessArchitecture);

    public static IReadOnlyList<SystemCallTable> Of(Architecture machine) => machine switch
    {
        System.Runtime.InteropServices.Architecture.X64 => [X64, X64Narrow, X86],
        System.Runtime.InteropServices.Architecture.Arm64 => [Arm64, Arm],
        System.Runtime.InteropServices.Architecture.RiscV64 => [RiscV64],
        _ => throw new PlatformNotSupportedException($"The interception of socket calls is not made for {machine}; it is for x86-64, arm64 and riscv64."),
    };
}
