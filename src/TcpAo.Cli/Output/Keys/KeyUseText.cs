using TcpAo.Hosting.Control;

namespace TcpAo.Cli.Output.Keys;

/// <summary>Who uses which key, as tables.</summary>
internal static class KeyUseText
{
    private const int MaxConnections = 200;

    public static string Of(KeyUseReport report)
    {
        using var text = new StringWriter { NewLine = "\n" };
        text.Write(KeysText.Table(
            ["chain", "ids", "connections", "settled", "lagging", "next change", "runs out"],
            report.Chains.Select(chain => (IReadOnlyList<string>)[
                chain.Chain,
                Pair(chain.SendId, chain.RecvId),
                $"{chain.Connections}",
                $"{chain.Settled}",
                $"{chain.Lagging}",
                chain.Next is { } next ? $"{KeysText.Time(next.At)}: ids {Pair(next.SendKey, next.RnextKey)}" : "-",
                Since(chain.RunsOut)])));
        if (report.Connections.IsEmpty)
        {
            text.WriteLine("no signed connection is up");
            return text.ToString();
        }

        text.Write(KeysText.Table(
            ["peer", "connection", "chain", "we send", "since", "we receive", "since", "pending"],
            report.Connections.Take(MaxConnections).Select(use => (IReadOnlyList<string>)[
                use.Peer,
                $"{use.Local} - {use.Remote}",
                use.Chain,
                Id(use.SendId),
                Since(use.SendSince),
                Id(use.ReceivedId),
                Since(use.ReceivedSince),
                use.Pending ?? "-"])));
        if (report.Connections.Length > MaxConnections)
        {
            text.WriteLine($"({report.Connections.Length - MaxConnections} more connections are not shown; --json has all)");
        }

        return text.ToString();
    }

    private static string Id(int? id) => id is { } number ? $"{number}" : "-";

    private static string Pair(int? send, int? receive) => $"{Id(send)}/{Id(receive)}";

    private static string Since(DateTimeOffset? time) => time is { } instant ? KeysText.Time(instant) : "-";
}
