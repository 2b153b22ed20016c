namespace TcpAo.Uapi;

/// <summary>The options of level IPPROTO_TCP that the model answers, by number (<c>linux/tcp.h</c>).</summary>
public enum TcpSocketOption
{
    /// <summary>TCP_MD5SIG: set one TCP MD5 key for one address.</summary>
    Md5Sig = 14,

    /// <summary>TCP_MD5SIG_EXT: the same with prefix and interface.</summary>
    Md5SigExt = 32,

    /// <summary>TCP_AO_ADD_KEY: set one key.</summary>
    AoAddKey = 38,

    /// <summary>TCP_AO_DEL_KEY: take one key out.</summary>
    AoDelKey = 39,

    /// <summary>TCP_AO_INFO: set or get what is for the whole socket.</summary>
    AoInfo = 40,

    /// <summary>TCP_AO_GET_KEYS: get keys.</summary>
    AoGetKeys = 41,

    /// <summary>TCP_AO_REPAIR: set or get ISNs and SNEs, in repair mode.</summary>
    AoRepair = 42,
}
