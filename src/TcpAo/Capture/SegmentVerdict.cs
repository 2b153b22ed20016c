namespace TcpAo.Capture;

/// <summary>What the verifier says of a captured segment.</summary>
public enum SegmentVerdict
{
    /// <summary>The MAC is right under the key that its KeyID names.</summary>
    Valid,

    /// <summary>It is not.</summary>
    BadMac,

    /// <summary>No configured key has that id.</summary>
    KeyNotFound,

    /// <summary>No TCP-AO on a connection that has TCP-AO segments or matches a configured peer.</summary>
    Unsigned,

    /// <summary>The ISNs are unknown, or the segment is cut by the snap length.</summary>
    Unverifiable,

    /// <summary>The option or a header breaks the rules.</summary>
    Malformed,

    /// <summary>A TCP segment of a connection that is neither signed nor expected to be.</summary>
    NotTcpAo,
}
