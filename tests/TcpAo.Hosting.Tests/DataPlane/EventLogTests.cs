using System.Net;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Hosting.DataPlane;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

/// <summary>The log tells each cause, and is no way to fill a disk.</summary>
public sealed class EventLogTests
{
    private readonly List<string> _lines = [];
    private readonly Clock _clock = new();
    private readonly EventLog _log;

    public EventLogTests()
    {
        _log = new EventLog(_lines.Add, _clock);
    }

    [Fact]
    public void Cause_OftenWithinTenSeconds_IsToldOnceWithItsNumberAfterwards()
    {
        for (int i = 0; i < 1000; i++)
        {
            Tell(40_000);
        }

        Assert.Single(_lines);
        _clock.Seconds = 10;
        Tell(40_000);
        Assert.Equal(2, _lines.Count);
        Assert.EndsWith("(and 999 more in the last 10 s)", _lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Flood_FromMadeUpPorts_IsCutOffAndToldOfAndEnds()
    {
        for (int round = 1; round <= 3; round++)
        {
            for (ushort port = 1; port < 20_000; port++)
            {
                Tell(port);
            }

            Assert.Equal(201 * round, _lines.Count);
            Assert.Contains("the others are not told", _lines[^1], StringComparison.Ordinal);
            _clock.Seconds += 10;
        }
    }

    private void Tell(ushort port) => _log.OnEvent(new AoEvent(AoEventKind.AoRequired, Pair(port), null, Reason: DropReason.AoRequired));

    private static SocketPair Pair(ushort port) =>
        new(IpAddressBits.From(IPAddress.Parse("192.0.2.1")), IpAddressBits.From(IPAddress.Parse("192.0.2.2")), 179, port);

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 1_000_000 + Seconds;
    }
}
