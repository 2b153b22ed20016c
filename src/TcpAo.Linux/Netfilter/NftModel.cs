namespace TcpAo.Linux.Netfilter;

/// <summary>What the rules are to do; <see cref="NftRuleset.Replace"/> makes it so.</summary>
public sealed record NftModel
{
    /// <summary>Whose segments are queued. Nothing else is touched.</summary>
    public required IReadOnlyCollection<ProtectedTraffic> Traffic { get; init; }

    /// <summary>The first queue; the others follow it. ICMP errors with an irregular quote go there.</summary>
    public ushort FirstQueue { get; init; } = 5925;

    /// <summary>How many queues there are, 1 to 256.</summary>
    public int QueueCount { get; init; } = 1;

    /// <summary>What decides which of several queues a connection is on.</summary>
    public QueueSpread Spread { get; init; }
}
