namespace TcpAo.Linux.Sockets;

/// <summary>What a call for TCP-AO or TCP MD5 on a socket failed of. <see cref="TcpAoException.Errno"/> has the kernel's own word for it.</summary>
public enum TcpAoError
{
    /// <summary>Something that the kernel does not tell of otherwise; the message has its error.</summary>
    Other,

    /// <summary>The kernel has no TCP-AO, or no TCP MD5 (ENOPROTOOPT).</summary>
    NotSupported,

    /// <summary>The kernel has TCP-AO, and no ports of keys or no ids last received: only <c>tcpao exec</c> has (E2BIG).</summary>
    ExtensionNotSupported,

    /// <summary>The kernel does not have the key's algorithm (ENOENT).</summary>
    AlgorithmNotSupported,

    /// <summary>A value or a combination of them that the kernel refuses (EINVAL).</summary>
    InvalidValue,

    /// <summary>The key is for another family than the socket's, or for peers that Linux has no key for.</summary>
    WrongPeer,

    /// <summary>TCP-AO and TCP MD5 for one peer, a policy that owns it, or no key for it at a connect (EKEYREJECTED).</summary>
    KeyRejected,

    /// <summary>Another key has one of the ids for some peer of both (EEXIST).</summary>
    IdInUse,

    /// <summary>The key is in use and no other was named in its place (EBUSY).</summary>
    KeyInUse,

    /// <summary>No such key on the socket, or no TCP-AO (ENOENT).</summary>
    NoSuchKey,

    /// <summary>The connection began without TCP-AO (EISCONN).</summary>
    ConnectedWithout,

    /// <summary>The MAC is longer than the other options of a SYN leave room for (EMSGSIZE).</summary>
    MacTooLong,

    /// <summary>The socket's memory for options is used up (ENOMEM).</summary>
    OutOfMemory,

    /// <summary>Repair without its mode, or without CAP_NET_ADMIN (EPERM).</summary>
    NotPermitted,

    /// <summary>No key of a chain may sign now, or none is accepted (ENOKEY).</summary>
    NoValidKey,

    /// <summary>A connection for which there are keys came without TCP-AO.</summary>
    Unsigned,
}
