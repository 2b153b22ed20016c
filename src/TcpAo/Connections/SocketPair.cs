using TcpAo.Keys;

namespace TcpAo.Connections;

/// <summary>
/// The two ends of a connection as one of them sees them (RFC 5925 section 3.1), with the VRF or, where the peer is link-local, the interface that they live on.
/// </summary>
/// <param name="Local">Our address.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="LocalPort">Our port, 0 to 65535.</param>
/// <param name="RemotePort">The peer's port, 0 to 65535.</param>
/// <param name="Vrf">Index of the L3 master device or, for a link-local <paramref name="Remote"/>, of the interface (RFC 4007); 0 for none.</param>
public readonly record struct SocketPair(IpAddressBits Local, IpAddressBits Remote, ushort LocalPort, ushort RemotePort, int Vrf = 0)
{
    /// <summary>The pair as the other end sees it, in the same VRF.</summary>
    public SocketPair Reversed => new(Remote, Local, RemotePort, LocalPort, Vrf);

    /// <summary>A hash that costs a few cycles and needs no random seed: keys of it are not chosen by strangers without a signed SYN.</summary>
    public override int GetHashCode()
    {
        ulong hash = (Local.High ^ ulong.RotateLeft(Remote.High, 32)) * 0x9E37_79B9_7F4A_7C15;
        hash = (hash ^ Local.Low) * 0xC2B2_AE3D_27D4_EB4F;
        hash = (ulong.RotateLeft(hash, 29) ^ Remote.Low) * 0x9E37_79B9_7F4A_7C15;
        hash = (ulong.RotateLeft(hash, 31) ^ ((ulong)LocalPort << 48) ^ ((ulong)RemotePort << 32) ^ (uint)Vrf) * 0xC2B2_AE3D_27D4_EB4F;
        return (int)(hash >> 32);
    }

    /// <summary>The peer's end as text: as <see cref="Format"/>, a link-local one with its interface, such as <c>[fe80::1%3]:179</c>.</summary>
    public string RemoteText => Vrf != 0 && Remote.IsLinkLocal ? $"[{Remote}%{Vrf}]:{RemotePort}" : Format(Remote, RemotePort);

    /// <summary>Our end as text: as <see cref="Format"/>.</summary>
    public string LocalText => Format(Local, LocalPort);

    /// <summary>Text such as <c>192.0.2.1:40000 - 192.0.2.2:179</c>, local end first.</summary>
    public override string ToString() => $"{LocalText} - {RemoteText}";

    /// <summary>One end as text: <c>192.0.2.1:179</c> or <c>[2001:db8::1]:179</c>.</summary>
    public static string Format(IpAddressBits address, ushort port) =>
        address.IsIPv4 ? $"{address}:{port}" : $"[{address}]:{port}";
}
