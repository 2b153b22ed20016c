namespace TcpAo;

/// <summary>What to do with a segment.</summary>
/// <param name="Verdict">Let it go as it is, let it go as rewritten, or drop it.</param>
/// <param name="Length">For <see cref="AoVerdict.Rewrite"/>: the packet's new length in the buffer, in bytes.</param>
/// <param name="Reason">For <see cref="AoVerdict.Drop"/>: why. In monitor mode also set on a segment that passes: why it would not.</param>
/// <param name="RestLength">
/// For <see cref="AoVerdict.Rewrite"/> of an outbound packet that was cut in two: the length of the other part, a packet at the very end of the buffer. It is not
/// signed: let it come to <see cref="AoEngine.ProcessOutbound"/> after this one, as if the local stack had sent it. Losing it does no more harm than any loss.
/// </param>
public readonly record struct AoDecision(AoVerdict Verdict, int Length, DropReason Reason, int RestLength = 0)
{
    /// <summary>Let the packet go as it is.</summary>
    public static AoDecision Pass { get; } = new(AoVerdict.Pass, 0, DropReason.None);

    /// <summary>Let the rewritten packet go.</summary>
    public static AoDecision Rewrite(int length) => new(AoVerdict.Rewrite, length, DropReason.None);

    /// <summary>Drop the packet, silently .</summary>
    public static AoDecision Drop(DropReason reason) => new(AoVerdict.Drop, 0, reason);
}
