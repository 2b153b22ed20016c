using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace TcpAo.Hosting.Telemetry;

/// <summary>The metrics of a running program and their text for Prometheus.</summary>
internal sealed class HostMetrics : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PrometheusText _text;

    /// <param name="read">Reads the data plane.</param>
    /// <param name="time">The clock.</param>
    public HostMetrics(Func<MetricsReading> read, TimeProvider time) =>
        _text = new PrometheusText(new TcpAoMetrics(_services.GetRequiredService<IMeterFactory>(), read, time).Meter);

    /// <summary>The text of this moment.</summary>
    /// <exception cref="InvalidOperationException">The data plane has ended.</exception>
    public string Write()
    {
        try
        {
            return _text.Write();
        }
        catch (AggregateException failed)
        {
            // what each instrument met when it was observed
            throw new InvalidOperationException(failed.GetBaseException().Message, failed);
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        _services.Dispose();
    }
}
