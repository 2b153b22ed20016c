using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// MTUs of interfaces by their index, asked of the kernel and remembered for a while. Not from sysfs: that shows the network namespace it was mounted in.
/// Used on one thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class InterfaceMtu(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, int> _mtus = [];
    private RouteSocket? _route;
    private long _readAt;

    /// <summary>
    /// The MTU of an interface in bytes, but no more than a packet in a queue may have, which is less than what a loopback interface carries; 0 where it is
    /// not known.
    /// </summary>
    public int Of(int index)
    {
        if (index == 0)
        {
            return 0;
        }

        if (time.GetElapsedTime(_readAt) > s_lifetime)
        {
            _mtus.Clear();
            _readAt = time.GetTimestamp();
        }

        if (!_mtus.TryGetValue(index, out int mtu))
        {
            mtu = Read(index);
            _mtus[index] = mtu;
        }

        return mtu;
    }

    /// <summary>Asks in the network namespace that the calling thread is in from now on; without this, in that of the thread that asks first.</summary>
    public void Open() => _route ??= RouteSocket.Open();

    public void Dispose() => _route?.Dispose();

    private int Read(int index)
    {
        try
        {
            _route ??= RouteSocket.Open();
            return Math.Min(_route.MtuOf(index), NfQueue.MaxPayload);
        }
        catch (LinuxException)
        {
            // the interface went away
            return 0;
        }
    }
}
