namespace TcpAo.Connections;

/// <summary>What happens to unsigned segments of a peer.</summary>
public enum PeerMode
{
    /// <summary>Nothing unsigned passes, either way.</summary>
    Required,

    /// <summary>
    /// We sign our SYN; a connection whose first SYN or SYN-ACK from the peer is unsigned stays unsigned, a signed one stays
    /// signed.
    /// </summary>
    Optional,

    /// <summary>Nothing inbound is dropped; outbound is signed only where the peer's SYN was. It tells what <see cref="Required"/> would do.</summary>
    Monitor,
}
