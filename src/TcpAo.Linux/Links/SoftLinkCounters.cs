namespace TcpAo.Linux.Links;

/// <summary>What has happened to the frames of one direction of a <see cref="SoftLink"/>.</summary>
/// <param name="Received">Frames that came.</param>
/// <param name="Delivered">Frames that went on, duplicates included.</param>
/// <param name="Lost">Lost by chance.</param>
/// <param name="Reordered">Overtaken by others.</param>
/// <param name="Duplicated">Sent twice.</param>
/// <param name="Swallowed">Taken out by the filter.</param>
/// <param name="Overflowed">Lost because too many were on their way.</param>
/// <param name="Unfit">Skipped: longer than the link takes, or one that stands for several (GSO).</param>
public readonly record struct SoftLinkCounters(long Received, long Delivered, long Lost, long Reordered, long Duplicated, long Swallowed, long Overflowed, long Unfit);
