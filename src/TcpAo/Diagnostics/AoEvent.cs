using TcpAo.Connections;
using TcpAo.Wire;

namespace TcpAo.Diagnostics;

/// <summary>One event, with the fields of Linux' trace events. Fields that an event has no use for are zero.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Pair">Our end and the peer's, ports and L3 index.</param>
/// <param name="State">The connection's state; null where there is none.</param>
/// <param name="Flags">The segment's flags.</param>
/// <param name="KeyId">KeyID of the segment; for <see cref="AoEventKind.RNextRequest"/> our current SendID.</param>
/// <param name="RNextKeyId">RNextKeyID of the segment.</param>
/// <param name="MacLength">MAC length of the segment in bytes.</param>
/// <param name="Sne">The new SNE where it changed.</param>
/// <param name="Reason">Why the segment was refused.</param>
public readonly record struct AoEvent(
    AoEventKind Kind,
    SocketPair Pair,
    ConnectionState? State,
    TcpFlags Flags = TcpFlags.None,
    byte KeyId = 0,
    byte RNextKeyId = 0,
    int MacLength = 0,
    uint Sne = 0,
    DropReason Reason = DropReason.None);
