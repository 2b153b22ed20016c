using System.Net;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Hosting.Telemetry;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Hosting.Tests.Telemetry;

/// <summary>Events as an engine tells them.</summary>
internal static class TestEvents
{
    public static readonly TraceOrigin Origin = new(4711, 4_026_531_840);

    public static SocketPair Pair4 { get; } = Pair("192.0.2.2", "192.0.2.1");

    public static SocketPair Pair6 { get; } = Pair("2001:db8::2", "2001:db8::1");

    /// <summary>An event with a value of its own in each field.</summary>
    public static AoEvent Of(AoEventKind kind, SocketPair? pair = null, TcpFlags flags = TcpFlags.Syn) =>
        new(kind, pair ?? Pair4, ConnectionState.SynReceived, flags, 61, 84, 12, 5, DropReason.MacMismatch);

    private static SocketPair Pair(string local, string remote) =>
        new(IpAddressBits.From(IPAddress.Parse(local)), IpAddressBits.From(IPAddress.Parse(remote)), 179, 40_000, 7);
}
