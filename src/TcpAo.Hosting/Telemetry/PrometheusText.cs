// The Prometheus text format, version 0.0.4: HELP and TYPE of a family, and a line for each of its series. Names follow OpenTelemetry's rules for Prometheus. Histograms are left out: there are none.

using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace TcpAo.Hosting.Telemetry;

/// <summary>Reads the observable instruments of a meter and writes them for Prometheus.</summary>
internal sealed class PrometheusText : IDisposable
{
    /// <summary>What the text is, for HTTP.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly Dictionary<Instrument, List<string>> _series = [];

    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value.ToString(CultureInfo.InvariantCulture), tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value.ToString("R", CultureInfo.InvariantCulture), tags));
        _listener.Start();
    }

    /// <summary>The text of this moment.</summary>
    public string Write()
    {
        lock (_gate)
        {
            _series.Clear();
            _listener.RecordObservableInstruments();
            StringBuilder text = new();
            foreach (Instrument instrument in _instruments)
            {
                if (!_series.TryGetValue(instrument, out List<string>? series))
                {
                    continue;
                }

                string name = NameOf(instrument);
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(instrument.Description ?? "", quotes: false)}\n");
                text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {(IsCounter(instrument) ? "counter" : "gauge")}\n");
                series.ForEach(line => text.Append(CultureInfo.InvariantCulture, $"{name}{line}\n"));
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        StringBuilder line = new();
        foreach ((string name, object? of) in tags)
        {
            line.Append(line.Length == 0 ? '{' : ',');
            line.Append(CultureInfo.InvariantCulture, $"{Underscored(name)}=\"{Escape(Convert.ToString(of, CultureInfo.InvariantCulture) ?? "", quotes: true)}\"");
        }

        line.Append(line.Length == 0 ? "" : "}").Append(' ').Append(value);
        if (!_series.TryGetValue(instrument, out List<string>? series))
        {
            _series.Add(instrument, series = []);
        }

        series.Add(line.ToString());
    }

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<long>;

    private static string NameOf(Instrument instrument)
    {
        string unit = instrument.Unit switch
        {
            "s" => "_seconds",
            null or ['{', ..] => "",
            { } other => throw new InvalidOperationException($"Prometheus has no suffix for the unit {other} here."),
        };
        return $"{Underscored(instrument.Name)}{unit}{(IsCounter(instrument) ? "_total" : "")}";
    }

    private static string Underscored(string name) => name.Replace('.', '_');

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
