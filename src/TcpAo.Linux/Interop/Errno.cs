// errno(3); the values are those of asm-generic, which x86, arm and riscv use.
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int E2BIG = 7;
    public const int ENOEXEC = 8;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EFAULT = 14;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int ENOSYS = 38;
    public const int ERESTART = 85;
    public const int EUSERS = 87;
    public const int ENOTSOCK = 88;
    public const int EMSGSIZE = 90;
    public const int ENOPROTOOPT = 92;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int ENETDOWN = 100;
    public const int ENETUNREACH = 101;
    public const int ENOBUFS = 105;
    public const int EISCONN = 106;
    public const int ENOKEY = 126;
    public const int EKEYREJECTED = 129;

    /// <summary>Such as <c>EPERM: Operation not permitted</c>.</summary>
    public static string Describe(int errno)
    {
        string name = errno switch
        {
            EPERM => nameof(EPERM),
            ENOENT => nameof(ENOENT),
            ESRCH => nameof(ESRCH),
            EINTR => nameof(EINTR),
            EIO => nameof(EIO),
            E2BIG => nameof(E2BIG),
            ENOEXEC => nameof(ENOEXEC),
            EBADF => nameof(EBADF),
            EAGAIN => nameof(EAGAIN),
            ENOMEM => nameof(ENOMEM),
            EACCES => nameof(EACCES),
            EFAULT => nameof(EFAULT),
            EBUSY => nameof(EBUSY),
            EEXIST => nameof(EEXIST),
            ENODEV => nameof(ENODEV),
            ENOTDIR => nameof(ENOTDIR),
            EINVAL => nameof(EINVAL),
            ENOSPC => nameof(ENOSPC),
            ENOSYS => nameof(ENOSYS),
            ERESTART => nameof(ERESTART),
            EUSERS => nameof(EUSERS),
            ENOTSOCK => nameof(ENOTSOCK),
            EMSGSIZE => nameof(EMSGSIZE),
            ENOPROTOOPT => nameof(ENOPROTOOPT),
            EOPNOTSUPP => nameof(EOPNOTSUPP),
            EAFNOSUPPORT => nameof(EAFNOSUPPORT),
            ENETDOWN => nameof(ENETDOWN),
            ENETUNREACH => nameof(ENETUNREACH),
            ENOBUFS => nameof(ENOBUFS),
            EISCONN => nameof(EISCONN),
            ENOKEY => nameof(ENOKEY),
            EKEYREJECTED => nameof(EKEYREJECTED),
            _ => $"errno {errno}",
        };
        return $"{name}: {Marshal.GetPInvokeErrorMessage(errno)}";
    }
}
