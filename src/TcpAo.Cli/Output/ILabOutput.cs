using TcpAo.Cli.Lab;

namespace TcpAo.Cli.Output;

/// <summary>Takes what the lab finds.</summary>
internal interface ILabOutput : IDisposable
{
    /// <summary>A case has ended.</summary>
    void Row(LabRow row);

    /// <summary>All have.</summary>
    /// <param name="elapsed">How long it took.</param>
    void Summary(TimeSpan elapsed);
}
