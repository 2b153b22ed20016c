using System.Globalization;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;

namespace TcpAo.Tests.Simulation;

/// <summary>A chain whose keys replace one another at a steady pace, and how bad clocks and network are meanwhile. All in milliseconds, drawn from a seed.</summary>
/// <param name="Period">From one key's first signature to the next one's.</param>
/// <param name="Overlap">How long a key may still sign beside the next one.</param>
/// <param name="Tolerance">The accept tolerance, and the most by which the two clocks ever differ.</param>
/// <param name="Delay">The longest that a packet is under way.</param>
/// <param name="Loss">The share of packets that the network loses.</param>
/// <param name="ClientShare">The share of segments that the client sends.</param>
internal sealed record RolloverShape(long Period, long Overlap, long Tolerance, long Delay, double Loss, double ClientShare)
{
    public const int Keys = 10;

    private const long Second = 1000;
    private const long Day = 86_400 * Second;

    public static RolloverShape Draw(Random random)
    {
        long period = (long)(10 * Second * Math.Pow(100 * Day / (10.0 * Second), random.NextDouble()));
        long delay = random.NextInt64(1, Math.Min(2 * Second, period / 5));
        return new RolloverShape(
            period,
            random.Next(3) switch { 0 => 0, 1 => delay, _ => random.NextInt64(delay, period / 2) },
            random.Next(4) == 0 ? 0 : random.NextInt64(period / 2),
            delay,
            random.Next(3) * 0.1,
            random.Next(3) switch { 0 => 0.05, 1 => 0.5, _ => 0.95 });
    }

    /// <summary>Whether a segment that is not repeated under another key, a SYN, arrives before its key is over whatever the clocks say.</summary>
    public bool CoversDelay => Overlap >= Delay;

    /// <summary>The chain as both ends have it: the first key since ever, the last for ever.</summary>
    public KeyBoth[] MakeKeys(Random random)
    {
        MacAlgorithm[] algorithms = [.. KeyBoth.AoAlgorithms];
        return [.. Enumerable.Range(0, Keys).Select(i =>
        {
            var send = new KeyLifetime(
                i == 0 ? DateTimeOffset.MinValue : EngineEnd.Epoch.AddMilliseconds(i * Period),
                i == Keys - 1 ? DateTimeOffset.MaxValue : EngineEnd.Epoch.AddMilliseconds(((i + 1) * Period) + Overlap));
            return KeyBoth.Of(
                (byte)(random.Next(20) + (20 * i)),
                (byte)(random.Next(20) + (20 * i)),
                algorithms[random.Next(algorithms.Length)],
                string.Create(CultureInfo.InvariantCulture, $"secret {i}"),
                send: send,
                accept: send.Widen(TimeSpan.FromMilliseconds(Tolerance)));
        })];
    }
}
