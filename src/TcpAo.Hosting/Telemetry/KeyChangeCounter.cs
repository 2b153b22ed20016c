using TcpAo.Diagnostics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>Counts changes of keys in front of an engine's observer. Written on the engine's thread, read from any.</summary>
internal sealed class KeyChangeCounter(IAoObserver next) : IAoObserver
{
    private long _current;
    private long _rnext;

    /// <summary>Changes of current_key.</summary>
    public long Current => Interlocked.Read(ref _current);

    /// <summary>Changes of rnext_key.</summary>
    public long RNext => Interlocked.Read(ref _rnext);

    /// <inheritdoc/>
    public void OnEvent(in AoEvent aoEvent)
    {
        switch (aoEvent.Kind)
        {
            case AoEventKind.CurrentKeyChanged:
                Interlocked.Increment(ref _current);
                break;
            case AoEventKind.RNextKeyChanged:
                Interlocked.Increment(ref _rnext);
                break;
            default:
                break;
        }

        next.OnEvent(aoEvent);
    }
}
