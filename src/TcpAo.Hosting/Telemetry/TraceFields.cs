namespace TcpAo.Hosting.Telemetry;

/// <summary>What an event tells beside time, namespace, state and the two ends, under the names of Linux' fields.</summary>
[Flags]
public enum TraceFields
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>l3index</c>: index of the VRF's device or, for a link-local peer, of the interface; 0 for none.</summary>
    L3Index = 1,

    /// <summary><c>fin</c>, <c>syn</c>, <c>rst</c>, <c>psh</c>, <c>ack</c>: the segment's flags.</summary>
    Flags = 2,

    /// <summary><c>keyid</c>.</summary>
    KeyId = 4,

    /// <summary><c>rnext</c>: an RNextKeyID.</summary>
    RNext = 8,

    /// <summary><c>maclen</c>: bytes of MAC in the segment, 0 where it has no TCP-AO.</summary>
    MacLength = 16,

    /// <summary><c>sne</c>: the new sequence number extension.</summary>
    Sne = 32,

    /// <summary><c>reason</c>: why the segment was refused; Linux has no such field.</summary>
    Reason = 64,
}
