namespace TcpAo.Uapi;

/// <summary>The error numbers that the socket model answers with, as Linux numbers them on every architecture that .NET runs on.</summary>
public enum LinuxErrno
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>EPERM: repair without its mode or without the right to it.</summary>
    OperationNotPermitted = 1,

    /// <summary>ENOENT: no such key, no such algorithm, or no TCP-AO on the socket.</summary>
    NoEntry = 2,

    /// <summary>E2BIG: a structure longer than Linux knows, with something in the part that it does not know.</summary>
    ArgumentTooBig = 7,

    /// <summary>ENOMEM: the socket's memory for options is used up (<c>net.core.optmem_max</c>).</summary>
    OutOfMemory = 12,

    /// <summary>EFAULT: memory of the caller that cannot be read or written.</summary>
    BadAddress = 14,

    /// <summary>EBUSY: the key is in use and no other was named in its place.</summary>
    Busy = 16,

    /// <summary>EEXIST: another key has one of the ids for some connection of both .</summary>
    AlreadyExists = 17,

    /// <summary>EINVAL: a value or a combination of them that Linux refuses.</summary>
    InvalidArgument = 22,

    /// <summary>EMSGSIZE: the MAC does not fit beside the other options of a SYN .</summary>
    MessageSize = 90,

    /// <summary>ENOPROTOOPT: no such option.</summary>
    NoSuchOption = 92,

    /// <summary>EAFNOSUPPORT: the address is neither IPv4 nor IPv6.</summary>
    AddressFamilyNotSupported = 97,

    /// <summary>EISCONN: the connection began without TCP-AO .</summary>
    IsConnected = 106,

    /// <summary>ENOKEY: no key is valid for sending.</summary>
    NoKey = 126,

    /// <summary>EKEYREJECTED: TCP-AO and TCP MD5 for one peer, no key for it, or a policy owns it.</summary>
    KeyRejected = 129,
}
