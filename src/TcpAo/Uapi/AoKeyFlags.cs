namespace TcpAo.Uapi;

/// <summary>Flags of a key on a socket: <c>keyflags</c>.</summary>
[Flags]
public enum AoKeyFlags : byte
{
    /// <summary>None: the key is for every VRF, and the MAC covers the other TCP options.</summary>
    None = 0,

    /// <summary>TCP_AO_KEYF_IFINDEX: the key is for one VRF; with index 0 for none.</summary>
    InterfaceIndex = 1,

    /// <summary>TCP_AO_KEYF_EXCLUDE_OPT: the MAC leaves the other TCP options out .</summary>
    ExcludeOptions = 2,
}
