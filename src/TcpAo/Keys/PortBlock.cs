namespace TcpAo.Keys;

/// <summary>Ports that agree with <see cref="Value"/> in the bits of <see cref="Mask"/>: what one hash probe can ask for.</summary>
internal readonly record struct PortBlock(ushort Value, ushort Mask);
