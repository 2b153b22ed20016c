using TcpAo.Linux.Interop;

namespace TcpAo.Linux;

/// <summary>The kernel refused. <see cref="Exception.Message"/> says what was tried, what to do about it, and the error as errno(3) names it.</summary>
public sealed class LinuxException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="errno">The error, as errno(3) numbers it.</param>
    /// <param name="what">What failed and what to do, in one or two sentences without the error's name.</param>
    public LinuxException(int errno, string what)
        : base($"{what} ({Interop.Errno.Describe(errno)})")
    {
        Errno = errno;
    }

    /// <summary>The error, as errno(3) numbers it: 1 is EPERM.</summary>
    public int Errno { get; }

    /// <summary>Whether a privilege is missing (EPERM or EACCES): CAP_NET_ADMIN, for namespaces CAP_SYS_ADMIN too.</summary>
    public bool IsPrivilege => Errno is Interop.Errno.EPERM or Interop.Errno.EACCES;

    internal static LinuxException Last(string what) => new(System.Runtime.InteropServices.Marshal.GetLastPInvokeError(), what);
}
