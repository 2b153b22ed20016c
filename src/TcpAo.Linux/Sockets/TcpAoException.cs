using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>TCP-AO or TCP MD5 of a socket could not be set or read. The message says what to do; it never has a secret.</summary>
public sealed class TcpAoException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="error">What it failed of.</param>
    /// <param name="message">What to do, in one or two sentences, without a secret.</param>
    public TcpAoException(TcpAoError error, string message)
        : base(message)
    {
        Error = error;
    }

    internal TcpAoException(TcpAoError error, int errno, string message)
        : base($"{message} ({Interop.Errno.Describe(errno)})")
    {
        Error = error;
        Errno = (LinuxErrno)errno;
    }

    /// <summary>What it failed of.</summary>
    public TcpAoError Error { get; }

    /// <summary>The kernel's error; <see cref="LinuxErrno.None"/> where it was not asked.</summary>
    public LinuxErrno Errno { get; }
}
