using TcpAo.Diagnostics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>
/// Hands the engines' events to whoever traces them. An event that nobody listens to costs one volatile read; one that somebody does is copied into a ring of each
/// listener, without a lock and without an allocation. Called from any thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class EventHub(TimeProvider time)
{
    /// <summary>How many may listen at a time.</summary>
    public const int MaxSubscriptions = 8;

    private readonly Lock _gate = new();
    private volatile TraceSubscription[] _subscriptions = [];

    // a bit for each kind that somebody listens to
    private volatile uint _wanted;

    /// <summary>An observer for an engine.</summary>
    /// <param name="origin">Where the engine is.</param>
    /// <param name="next">Is told of all events first.</param>
    public EventTap Observe(TraceOrigin origin, IAoObserver next) => new(this, origin, next);

    /// <summary>Whether anybody listens to events of a kind.</summary>
    public bool Wants(AoEventKind kind) => (_wanted & TraceFilter.BitOf(kind)) != 0;

    /// <summary>Gives an event to those who want it.</summary>
    public void Publish(TraceOrigin origin, in AoEvent aoEvent)
    {
        var traced = new TracedEvent(time.GetUtcNow(), origin, aoEvent);
        foreach (TraceSubscription subscription in _subscriptions)
        {
            subscription.Offer(traced);
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="filter">To what.</param>
    /// <returns>Null where too many do.</returns>
    public TraceSubscription? TrySubscribe(TraceFilter filter)
    {
        lock (_gate)
        {
            if (_subscriptions.Length == MaxSubscriptions)
            {
                return null;
            }

            var subscription = new TraceSubscription(filter, End);
            Use([.. _subscriptions, subscription]);
            return subscription;
        }
    }

    private void End(TraceSubscription subscription)
    {
        lock (_gate)
        {
            Use([.. _subscriptions.Where(other => other != subscription)]);
        }
    }

    private void Use(TraceSubscription[] subscriptions)
    {
        _subscriptions = subscriptions;
        _wanted = subscriptions.Aggregate(0u, static (bits, subscription) => bits | subscription.Filter.Events);
    }
}
