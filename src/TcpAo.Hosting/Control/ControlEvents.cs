using System.Threading.Channels;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.Control;

/// <summary>Hands what changes to those who listen. From any thread; who does not read loses the oldest.</summary>
internal sealed class ControlEvents
{
    /// <summary>How many may listen at a time.</summary>
    public const int MaxListeners = 8;

    private const int Capacity = 256;

    private readonly Lock _gate = new();
    private readonly List<Channel<ControlEvent>> _listeners = [];

    /// <summary>Begins to listen; null where too many do.</summary>
    public Channel<ControlEvent>? TryListen()
    {
        lock (_gate)
        {
            if (_listeners.Count == MaxListeners)
            {
                return null;
            }

            var channel = Channel.CreateBounded<ControlEvent>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
            _listeners.Add(channel);
            return channel;
        }
    }

    /// <summary>Listens no more.</summary>
    public void End(Channel<ControlEvent> channel)
    {
        lock (_gate)
        {
            _listeners.Remove(channel);
        }
    }

    /// <summary>Tells all who listen.</summary>
    public void Publish(ControlEvent change)
    {
        lock (_gate)
        {
            _listeners.ForEach(channel => channel.Writer.TryWrite(change));
        }
    }
}
