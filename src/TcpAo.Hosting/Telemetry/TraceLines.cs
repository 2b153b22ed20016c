using System.Text.Json;

namespace TcpAo.Hosting.Telemetry;

/// <summary>Writes events as lines of JSON.</summary>
internal static class TraceLines
{
    // all that could wait when a pass begins
    private const int MostAtOnce = TraceSubscription.Capacity;

    /// <summary>Writes what waits, and how much was lost before it, as lines.</summary>
    /// <param name="subscription">Where it waits.</param>
    /// <param name="time">The time of a line about what was lost.</param>
    /// <param name="to">Takes the lines.</param>
    /// <returns>False where there was nothing.</returns>
    public static bool TryWrite(TraceSubscription subscription, TimeProvider time, MemoryStream to)
    {
        long before = to.Length;
        for (int i = 0; i < MostAtOnce && subscription.TryRead(out TracedEvent traced); i++)
        {
            Write(TraceRecord.Of(traced), to);
        }

        // the ring was full when they came: what waited in it is older
        if (subscription.TakeLost() is > 0 and var lost)
        {
            Write(TraceRecord.OfLost(time.GetUtcNow(), lost), to);
        }

        return to.Length > before;
    }

    private static void Write(TraceRecord record, MemoryStream to)
    {
        JsonSerializer.Serialize(to, record, TraceJson.Default.TraceRecord);
        to.WriteByte((byte)'\n');
    }
}
