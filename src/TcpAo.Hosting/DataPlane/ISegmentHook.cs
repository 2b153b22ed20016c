namespace TcpAo.Hosting.DataPlane;

/// <summary>Sees each packet of a queue before and after its engine decides. Called on the worker's thread, which holds its gate.</summary>
internal interface ISegmentHook
{
    /// <summary>A packet is about to be decided.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="isOutbound">Whether it leaves.</param>
    /// <param name="context">What the engine will be told of it.</param>
    /// <returns>What is to happen with it; null where the engine is to decide.</returns>
    AoDecision? Begin(ReadOnlySpan<byte> packet, bool isOutbound, in SegmentContext context);

    /// <summary>The engine decided a packet that <see cref="Begin"/> left to it.</summary>
    /// <param name="isOutbound">Whether it leaves.</param>
    /// <param name="context">What the engine was told of it.</param>
    /// <param name="decision">What the engine decided.</param>
    /// <returns>What is to happen.</returns>
    AoDecision End(bool isOutbound, in SegmentContext context, in AoDecision decision);
}
