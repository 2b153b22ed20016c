namespace TcpAo.Linux.Tests.Sockets;

/// <summary>A clock that is set by hand; its timers never fire, for the test looks when it wants to.</summary>
internal sealed class ManualTime : TimeProvider
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _elapsed;

    public DateTimeOffset Now { get; private set; } = Epoch;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Sets the wall clock, forward or back; the other clock goes on by the distance.</summary>
    public void Set(double day)
    {
        DateTimeOffset then = Epoch.AddDays(day);
        _elapsed += Math.Abs((then - Now).Ticks);
        Now = then;
    }

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => _elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Still();

    private sealed class Still : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
