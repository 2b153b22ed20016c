namespace TcpAo.Hosting.Configuration;

/// <summary>What happens to segments without TCP-AO between us and a peer; design section 6.</summary>
public enum PeerMode
{
    /// <summary>Nothing unsigned passes, either way.</summary>
    Required,

    /// <summary>We sign our SYN; a connection whose first SYN or SYN-ACK from the peer is unsigned stays unsigned .</summary>
    Optional,

    /// <summary>Nothing inbound is dropped; tells what <see cref="Required"/> would do.</summary>
    Monitor,
}
