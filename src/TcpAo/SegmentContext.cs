namespace TcpAo;

/// <summary>What a caller knows of a segment beside its bytes.</summary>
/// <param name="Time">When it is.</param>
/// <param name="Vrf">Index of the L3 master device that the segment came in or goes out by, 0 for none.</param>
public readonly record struct SegmentContext(EngineTime Time, int Vrf = 0);
