using System.Net;
using System.Net.Sockets;

namespace TcpAo.Interop.Tests.Support;

/// <summary>What an RTR cache has and how StayRTR is started with it.</summary>
internal static class RtrCache
{
    public const string Prefix = "203.0.113.0";
    public const string FileName = "roas.json";

    /// <summary>What StayRTR writes once it listens.</summary>
    public const string Started = "StayRTR Server started";

    private const string Roas = $$"""{ "metadata": { "buildtime": "2026-01-01T00:00:00Z" }, "roas": [ { "prefix": "{{Prefix}}/24", "maxLength": 24, "asn": "AS65002", "ta": "test" } ] }""";

    public static void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), Roas);

    /// <summary>StayRTR's arguments.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="folder">Where its file is, as it sees it.</param>
    public static string[] Arguments(IPAddress address, int port, string folder)
    {
        string host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return ["-bind", $"{host}:{port}", "-cache", $"{folder}/{FileName}", "-checktime=false", "-metrics.addr", "127.0.0.1:9847"];
    }

    /// <summary>FRR's configuration as its client.</summary>
    public static string RouterConfiguration(IPAddress cache, int port) =>
        $"""
        rpki
         rpki cache {cache} {port} preference 1
         exit
        router bgp 65001

        """;

    /// <summary>Waits until FRR has what the cache has.</summary>
    public static void WaitUntilIn(Frr frr)
    {
        string Roas() => frr.Vtysh("show rpki prefix-table");
        Until.True(() => Roas().Contains(Prefix, StringComparison.Ordinal), () => $"FRR has the ROA, but:\n{Roas()}\n{frr.Vtysh("show rpki cache-connection")}");
    }
}
