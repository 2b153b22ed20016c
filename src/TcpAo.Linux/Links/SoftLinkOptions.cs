namespace TcpAo.Linux.Links;

/// <summary>What a <see cref="SoftLink"/> does to frames, each direction by itself. The same seed and the same frames give the same losses.</summary>
public sealed record SoftLinkOptions
{
    /// <summary>A wire: every frame, in order, at once.</summary>
    public static SoftLinkOptions Wire { get; } = new();

    /// <summary>Begin of the random numbers.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Part of the frames that are lost, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Part of the frames that are overtaken by those of the next <see cref="ReorderingDelay"/>, 0 to 1.</summary>
    public double Reordering { get; init; }

    /// <summary>By how much frames that are overtaken come later.</summary>
    public TimeSpan ReorderingDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Part of the frames that arrive twice, 0 to 1.</summary>
    public double Duplication { get; init; }

    /// <summary>How long a frame is on its way, one way.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Bits a second, Ethernet headers included; 0 for no limit.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Frames that are on their way or wait for the rate, at most; what comes then is lost.</summary>
    public int QueueLength { get; init; } = 1000;

    internal bool IsWire => Loss <= 0 && Reordering <= 0 && Duplication <= 0 && Delay <= TimeSpan.Zero && BitsPerSecond <= 0;
}
