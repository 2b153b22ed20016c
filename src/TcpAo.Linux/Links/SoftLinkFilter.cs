namespace TcpAo.Linux.Links;

/// <summary>Sees every frame that arrives at a <see cref="SoftLink"/>, before anything happens to it; called by two threads, one for each direction.</summary>
/// <param name="frame">The Ethernet frame; good until this returns.</param>
/// <param name="isFromFirst">Whether it comes from the first end.</param>
/// <returns>False to swallow the frame.</returns>
public delegate bool SoftLinkFilter(ReadOnlySpan<byte> frame, bool isFromFirst);
