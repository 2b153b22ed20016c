namespace TcpAo.Hosting.Control.Status;

/// <summary>How segments get to the program and back.</summary>
/// <param name="Kind"><c>nfqueue</c>, or <c>tun</c>: then only what cannot go by the device takes a queue.</param>
/// <param name="Device">The TUN device; null without one.</param>
/// <param name="Direct">Segments that went straight to a link's driver, unseen by the host's own packet captures, firewall and queueing disciplines.</param>
/// <param name="Routed">Segments that went the kernel's way, as while a neighbor's link address was not known.</param>
/// <param name="Lost">Segments that a link or the local TCP did not take.</param>
public sealed record DataPathStatus(string Kind, string? Device = null, long Direct = 0, long Routed = 0, long Lost = 0);
