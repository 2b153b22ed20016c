using System.Globalization;
using Spectre.Console;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Cli.Output;

/// <summary>A snapshot as tables.</summary>
internal static class ShowText
{
    private const int MaxConnections = 200;
    private const int PlainWidth = 400;

    /// <summary>The text of a part, or of all.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="part">The part.</param>
    /// <param name="width">Columns of the terminal; null where there is none: then nothing is wrapped.</param>
    public static string Of(HostSnapshot snapshot, string part, int? width = null)
    {
        using var text = new StringWriter { NewLine = "\n" };
        bool isAll = part is "all";
        if (isAll)
        {
            WriteHead(text, snapshot);
        }

        if (isAll || part is "peers")
        {
            WritePeers(text, width, snapshot);
        }

        if (isAll || part is "connections")
        {
            WriteConnections(text, width, snapshot);
        }

        if (isAll || part is "keys")
        {
            WriteKeys(text, width, snapshot);
        }

        if (isAll || part is "counters")
        {
            WriteCounters(text, width, snapshot);
        }

        if (isAll || part is "refusals")
        {
            WriteRefusals(text, width, snapshot);
        }

        return text.ToString();
    }

    private static void WriteHead(StringWriter text, HostSnapshot snapshot)
    {
        text.WriteLine($"tcpao (process {snapshot.ProcessId}) with {snapshot.Configuration}, since {Time(snapshot.Since)}");
        text.WriteLine(snapshot.Rules.Intact ? $"rules: intact ({snapshot.Rules.Count})" : $"rules: NOT INTACT: {snapshot.Rules.Problem}");
        if (snapshot.DataPath is { Device: not null } path)
        {
            text.WriteLine($"data path: {path.Kind} ({path.Device}): {path.Direct} segments left past this host's captures and firewall, {path.Routed} the kernel's way, {path.Lost} lost");
        }

        foreach (QueueStatus queue in snapshot.Queues)
        {
            text.WriteLine($"queue {queue.Queue}: {queue.Depth} waiting, {queue.QueueDropped + queue.UserDropped} lost to overflow");
        }
    }

    private static void WritePeers(StringWriter text, int? width, HostSnapshot snapshot) => Write(
        text,
        width,
        ["peer", "remote", "local", "ports", "mode", "key chain", "connections", "protected"],
        snapshot.Peers.Select(peer => (string[])[
            peer.Name, peer.Remote, peer.Local, peer.Ports, peer.Mode, peer.KeyChain, Number(peer.Connections), Number(peer.Protected)]));

    private static void WriteConnections(StringWriter text, int? width, HostSnapshot snapshot)
    {
        if (snapshot.Connections.IsEmpty)
        {
            text.WriteLine("no connections");
            return;
        }

        Write(
            text,
            width,
            ["connection", "peer", "state", "protection", "key", "ids", "received", "sne", "good", "bad", "other"],
            snapshot.Connections.Take(MaxConnections).Select(connection => (string[])[
                $"{connection.Local} - {connection.Remote}",
                connection.Peer,
                connection.State,
                connection.Protection,
                connection.CurrentKey ?? "-",
                Pair(connection.CurrentKeyId, connection.RnextKeyId),
                Pair(connection.LastKeyId, connection.LastRnextKeyId),
                $"{connection.SendSne}/{connection.ReceiveSne}",
                Number(connection.Counters.Good),
                Number(connection.Counters.Bad),
                Number(connection.Counters.KeyNotFound + connection.Counters.Required)]));
        if (snapshot.Connections.Length > MaxConnections)
        {
            text.WriteLine($"({snapshot.Connections.Length - MaxConnections} more connections are not shown; --json has all)");
        }
    }

    private static void WriteKeys(StringWriter text, int? width, HostSnapshot snapshot)
    {
        WriteKeyTable(text, width, snapshot);
        foreach (KeyChainStatus chain in snapshot.KeyChains.Where(chain => chain.SendsUntil is not null || chain.AcceptsUntil is not null))
        {
            text.WriteLine($"{chain.Name} runs out: a key signs until {Time(chain.SendsUntil)}, one is accepted until {Time(chain.AcceptsUntil)}");
        }
    }

    private static void WriteKeyTable(StringWriter text, int? width, HostSnapshot snapshot) => Write(
        text,
        width,
        ["key", "send-id", "recv-id", "algorithm", "mac", "options", "signs", "until", "verifies", "until", "fingerprint", "good", "bad"],
        snapshot.KeyChains.SelectMany(chain => chain.Keys.Select(key => (string[])[
            $"{chain.Name}/{key.Id}",
            Number(key.SendId),
            Number(key.RecvId),
            key.Algorithm,
            Number(key.MacLength),
            key.IncludeTcpOptions ? "included" : "excluded",
            key.Send,
            Time(key.SendUntil),
            key.Accept,
            Time(key.AcceptUntil),
            key.Fingerprint,
            Number(key.Good),
            Number(key.Bad)])));

    private static void WriteCounters(StringWriter text, int? width, HostSnapshot snapshot)
    {
        CounterStatus counters = snapshot.Counters;
        List<string[]> rows =
        [
            ["good", Number(counters.Good)],
            ["bad", Number(counters.Bad)],
            ["key-not-found", Number(counters.KeyNotFound)],
            ["required", Number(counters.Required)],
            ["dropped-icmps", Number(counters.DroppedIcmps)],
            .. Rows("refused", counters.Refused),
            .. Rows("would refuse", counters.WouldRefuse),
        ];
        Write(text, width, ["counter", "segments"], rows);

        static IEnumerable<string[]> Rows(string title, IEnumerable<KeyValuePair<string, long>>? counted) =>
            counted?.Select(reason => (string[])[$"{title}: {reason.Key}", Number(reason.Value)]) ?? [];
    }

    private static void WriteRefusals(StringWriter text, int? width, HostSnapshot snapshot)
    {
        if (snapshot.Refusals.IsEmpty)
        {
            text.WriteLine("nothing was refused");
            return;
        }

        Write(
            text,
            width,
            ["last", "peer", "connection", "dir", "flags", "ids", "reason", "segments", "hint"],
            snapshot.Refusals.Select(refusal => (string[])[
                Time(refusal.Time),
                refusal.Peer,
                $"{refusal.Local} - {refusal.Remote}",
                refusal.Direction,
                refusal.Flags,
                Pair(refusal.KeyId, refusal.RnextKeyId),
                refusal.Dropped ? refusal.Reason : $"{refusal.Reason} (passed)",
                Number(refusal.Count),
                refusal.Hint ?? "-"]));
        foreach (RefusalStatus refusal in snapshot.Refusals.Where(refusal => refusal.Explanation is not null).DistinctBy(refusal => (refusal.Peer, refusal.Explanation)))
        {
            text.WriteLine($"hint: {refusal.Peer}: {refusal.Explanation}");
        }
    }

    private static void Write(StringWriter text, int? width, string[] titles, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string title in titles)
        {
            table.AddColumn(new TableColumn(title) { NoWrap = width is null });
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        // no colours or line drawing that depend on a terminal: the same text goes to a file
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width ?? PlainWidth;
        console.Write(table);
    }

    private static string Number<T>(T? value) => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : "-";

    private static string Pair(int? first, int? second) => first is null && second is null ? "-" : $"{Number(first)}/{Number(second)}";

    private static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";
}
