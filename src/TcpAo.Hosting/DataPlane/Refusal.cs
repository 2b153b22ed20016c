using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Hosting.DataPlane;

/// <summary>One cause of refusals, with the last segment that had it. Guarded by the log that it is in.</summary>
internal sealed class Refusal(string peer, IpAddressBits remote, DropReason reason)
{
    /// <summary>Name of the peer.</summary>
    public string Peer { get; } = peer;

    /// <summary>The peer's address.</summary>
    public IpAddressBits Remote { get; } = remote;

    /// <summary>Why.</summary>
    public DropReason Reason { get; } = reason;

    /// <summary>How many segments.</summary>
    public long Count { get; set; }

    /// <summary>When last, as a timestamp of the clock.</summary>
    public long At { get; set; }

    /// <summary>When a hint was looked for last; 0 for never.</summary>
    public long SearchedAt { get; set; }

    /// <summary>The last segment's connection.</summary>
    public SocketPair Pair { get; set; }

    /// <summary>Whether the segment was ours.</summary>
    public bool IsOutbound { get; set; }

    /// <summary>False in mode monitor: it passed.</summary>
    public bool IsDropped { get; set; }

    /// <summary>The segment's flags.</summary>
    public TcpFlags Flags { get; set; }

    /// <summary>KeyID, RNextKeyID and bytes of MAC; null where the segment had no TCP-AO.</summary>
    public (byte KeyId, byte RNextKeyId, int MacLength)? Ids { get; set; }

    /// <summary>What would mend it; null where nothing is found, or not yet.</summary>
    public MismatchHint? Hint { get; set; }

    /// <summary>The same, no longer changing.</summary>
    public Refusal Copy() => (Refusal)MemberwiseClone();
}
