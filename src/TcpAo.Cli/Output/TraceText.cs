using System.Globalization;
using System.Text;
using TcpAo.Hosting.Telemetry;

namespace TcpAo.Cli.Output;

/// <summary>Events as the lines that Linux prints into its trace buffer, and the table of all events.</summary>
internal static class TraceText
{
    /// <summary>The line of an event, or of events that were lost.</summary>
    public static string Line(TraceRecord record)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{record.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'} ");
        if (record.Lost is { } lost)
        {
            return line.Append(CultureInfo.InvariantCulture, $"[LOST {lost} EVENTS]").ToString();
        }

        string family = record.Family switch
        {
            4 => "AF_INET",
            6 => "AF_INET6",
            _ => "-",
        };
        line.Append(CultureInfo.InvariantCulture, $"{record.Event}: net={record.NetCookie} state={StateOf(record.State)} family={family}");
        line.Append(CultureInfo.InvariantCulture, $" src={End(record.Source, record.SourcePort)} dest={End(record.Destination, record.DestinationPort)}");
        Append(line, "L3index", record.L3Index);
        if (record.Syn is not null)
        {
            line.Append(" [").Append(Flag(record.Fin, 'F')).Append(Flag(record.Syn, 'S')).Append(Flag(record.Rst, 'R')).Append(Flag(record.Psh, 'P')).Append(Flag(record.Ack, '.')).Append(']');
        }

        Append(line, "keyid", record.KeyId);
        Append(line, "rnext", record.RNext);
        Append(line, "maclen", record.MacLength);
        Append(line, "sne", record.Sne);
        Append(line, "reason", record.Reason);
        return line.ToString();
    }

    /// <summary>All events with their fields.</summary>
    public static string List()
    {
        int width = TraceEvents.All.Max(type => type.Name.Length) + 2;
        var text = new StringBuilder();
        foreach (TraceEventType type in TraceEvents.All)
        {
            text.Append(type.Name.PadRight(width)).Append(type.Meaning).Append('\n');
            text.Append(' ', width).Append(string.Join(' ', type.FieldNames)).Append('\n');
        }

        return text.Append(CultureInfo.InvariantCulture, $"all: {string.Join(' ', TraceEvents.CommonFields)}\n").ToString();
    }

    private static void Append<T>(StringBuilder line, string name, T? value)
    {
        if (value is not null)
        {
            line.Append(CultureInfo.InvariantCulture, $" {name}={value}");
        }
    }

    private static char Flag(bool? isSet, char letter) => isSet == true ? letter : ' ';

    private static string StateOf(string? state) => state switch
    {
        "syn-sent" => "TCP_SYN_SENT",
        "syn-received" => "TCP_SYN_RECV",
        "synchronized" => "TCP_ESTABLISHED",
        "closed" => "TCP_CLOSE",
        _ => "-",
    };

    private static string End(string? address, int? port) =>
        address is null ? "-" : address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}";
}
