namespace TcpAo.Uapi;

/// <summary>The network namespace's L3 master devices (VRFs), for keys that are bound to one. Asked during a call; must not block.</summary>
public interface IL3Devices
{
    /// <summary>Whether the device exists and is an L3 master.</summary>
    /// <param name="index">Its index, above 0.</param>
    bool IsL3Master(int index);

    /// <summary>The L3 master of a device: itself if it is one, 0 if it has none or does not exist.</summary>
    /// <param name="index">Its index, above 0.</param>
    int MasterOf(int index);
}
