using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>The ports that a key on a socket is for (<see cref="TcpAoExtension"/>); on Linux every port.</summary>
/// <param name="Local">Ports of our end.</param>
/// <param name="Remote">Ports of the peer.</param>
internal readonly record struct KeyPorts(PortMatch Local, PortMatch Remote)
{
    public bool IsAny => Local.IsAny && Remote.IsAny;

    /// <summary>Whether a connection with these ports is one of them; 0 is a port that is not known yet.</summary>
    public bool Contains(ushort local, ushort remote) => (local == 0 || Local.Contains(local)) && (remote == 0 || Remote.Contains(remote));

    public bool Overlaps(KeyPorts other) => Local.Overlaps(other.Local) && Remote.Overlaps(other.Remote);
}
