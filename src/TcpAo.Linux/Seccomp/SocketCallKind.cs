namespace TcpAo.Linux.Seccomp;

/// <summary>Which system call a program waits in.</summary>
public enum SocketCallKind
{
    /// <summary>setsockopt(2) at level IPPROTO_TCP.</summary>
    SetOption,

    /// <summary>getsockopt(2) at level IPPROTO_TCP.</summary>
    GetOption,

    /// <summary>connect(2), or sendto(2), sendmsg(2) or sendmmsg(2) with MSG_FASTOPEN, of a socket of any family.</summary>
    Connect,

    /// <summary>getsockopt(2) of SO_ERROR, of a socket of any family.</summary>
    ReadError,

    /// <summary>listen(2), of a socket of any family.</summary>
    Listen,

    /// <summary>open(2), openat(2) or openat2(2).</summary>
    OpenFile,
}
