using TcpAo.Capture;

namespace TcpAo.Hosting.DataPlane;

/// <summary>A refused segment whose cause is to be looked for.</summary>
/// <param name="Packet">A copy of the packet.</param>
/// <param name="Refused">What the engine knew of it.</param>
/// <param name="Take">Takes the hint, null where none is found; true when it is news.</param>
internal sealed record HintRequest(byte[] Packet, RefusedSegment Refused, Func<MismatchHint?, bool> Take);
