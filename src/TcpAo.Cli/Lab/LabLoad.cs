namespace TcpAo.Cli.Lab;

/// <summary>A session with bytes going both ways until it is told to end.</summary>
internal sealed class LabLoad : IDisposable
{
    private readonly LabSession _session;
    private readonly LabFlow _there;
    private readonly LabFlow _back;

    public LabLoad(LabNetwork network, int port, long length = long.MaxValue)
    {
        _session = LabSession.Open(network, port);
        _there = new LabFlow(_session.A, _session.B, 1, length);
        _back = new LabFlow(_session.B, _session.A, 2, length);
    }

    /// <summary>Waits until each way has carried more.</summary>
    public void WaitForMore(long bytes)
    {
        _there.WaitForMore(bytes);
        _back.WaitForMore(bytes);
    }

    /// <summary>Waits for the last byte of both ways.</summary>
    /// <returns>Bytes of both ways.</returns>
    public long Finish() => _there.Finish() + _back.Finish();

    public void Dispose() => _session.Dispose();
}
