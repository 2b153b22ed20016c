using TcpAo.Diagnostics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>Stands between an engine and its observer and gives the hub what somebody listens to.</summary>
internal sealed class EventTap(EventHub hub, TraceOrigin origin, IAoObserver next) : IAoObserver
{
    /// <inheritdoc/>
    public void OnEvent(in AoEvent aoEvent)
    {
        next.OnEvent(aoEvent);
        if (hub.Wants(aoEvent.Kind))
        {
            hub.Publish(origin, aoEvent);
        }
    }
}
