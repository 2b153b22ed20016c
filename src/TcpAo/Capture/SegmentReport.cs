using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>What the verifier says of one captured TCP segment. Fields of an option that is not there are null.</summary>
public readonly record struct SegmentReport
{
    /// <summary>Number of the frame in the capture, from 1.</summary>
    public long Frame { get; init; }

    /// <summary>Where it comes from; null where the packet is too damaged to tell.</summary>
    public CaptureEndpoint? Source { get; init; }

    /// <summary>Where it goes; null where the packet is too damaged to tell.</summary>
    public CaptureEndpoint? Destination { get; init; }

    /// <summary>Its flags.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>KeyID of its TCP-AO option.</summary>
    public byte? KeyId { get; init; }

    /// <summary>RNextKeyID of its TCP-AO option.</summary>
    public byte? RNextKeyId { get; init; }

    /// <summary>Bytes of MAC that it carries.</summary>
    public int? MacLength { get; init; }

    /// <summary>The SNE that the MAC was computed with .</summary>
    public uint? Sne { get; init; }

    /// <summary>The verdict.</summary>
    public SegmentVerdict Verdict { get; init; }

    /// <summary>The configured key that its KeyID names.</summary>
    public AoKey? Key { get; init; }

    /// <summary>Why the verdict is not <see cref="SegmentVerdict.Valid"/>; <see cref="DropReason.None"/> where it is.</summary>
    public DropReason Reason { get; init; }

    /// <summary>The change that would make the MAC match, when one was found.</summary>
    public MismatchHint? Hint { get; init; }
}
