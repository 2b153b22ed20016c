using System.Collections.Frozen;
using TcpAo.Connections;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Namespaces;
using TcpAo.Uapi;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// The interfaces of the host by index, and which VRF each is in. The kernel tells of a change before a packet meets it, so whoever follows first
/// and looks then sees the names and VRFs that the packet met. Asks in the network namespace of the thread that made it; used from any.
/// </summary>
internal sealed class HostLinks : IL3Devices, IDisposable
{
    /// <summary>Stands for the VRF of an interface that is not known; none has that index.</summary>
    private const int Unknown = -1;

    private readonly Lock _gate = new();
    private readonly LinkMonitor _monitor = LinkMonitor.Open();
    private readonly RouteSocket _route = RouteSocket.Open();
    private volatile FrozenDictionary<int, NetworkLink> _links = FrozenDictionary<int, NetworkLink>.Empty;

    public HostLinks()
    {
        Read();
    }

    /// <summary>Whether peers depend on it, so that each segment must be decided with what is true by then.</summary>
    public bool Matters { get; set; }

    /// <summary>Takes in what the kernel has told since.</summary>
    public void Follow()
    {
        lock (_gate)
        {
            if (_monitor.Wait(0))
            {
                Read();
            }
        }
    }

    /// <summary>Asks the kernel anew.</summary>
    public void Read()
    {
        lock (_gate)
        {
            try
            {
                _links = _route.Links().ToFrozenDictionary(link => link.Index);
            }
            catch (LinuxException)
            {
                // then none is known, and peers that depend on one are refused
                _links = FrozenDictionary<int, NetworkLink>.Empty;
            }
        }
    }

    /// <summary>The interface of an index; null where there is none, or it cannot be found out.</summary>
    public NetworkLink? Find(int index) => _links.GetValueOrDefault(index);

    /// <summary>Indexes by name.</summary>
    public IReadOnlyDictionary<string, int> Indexes() => _links.Values.ToDictionary(link => link.Name, link => link.Index, StringComparer.Ordinal);

    /// <summary>Index of the VRF that an interface is in or is the device of; 0 for none, −1 where the interface is not known.</summary>
    public int VrfOf(int index)
    {
        if (index == 0)
        {
            return 0;
        }

        if (Find(index) is not { } link)
        {
            Read();
            if (Find(index) is not { } late)
            {
                return Unknown;
            }

            link = late;
        }

        return link.IsVrf ? link.Index : link.Master != 0 && Find(link.Master) is { IsVrf: true } ? link.Master : 0;
    }

    /// <summary>The ends of a socket as its segments have them: in a VRF unless it is link-local.</summary>
    public SocketPair PairOf(in TcpSocket socket)
    {
        if (socket.Pair.Remote.IsLinkLocal)
        {
            return socket.Pair;
        }

        // what is bound to a device that went was in that VRF
        int vrf = VrfOf(socket.InterfaceIndex);
        return socket.Pair with { Vrf = vrf == Unknown ? socket.InterfaceIndex : vrf };
    }

    /// <summary>Names of the interfaces that are in a VRF.</summary>
    public IEnumerable<string> InVrf() => _links.Values.Where(link => link.Master != 0 && Find(link.Master) is { IsVrf: true }).Select(link => link.Name);

    /// <summary>Whether there is a VRF at all.</summary>
    public bool HasVrf => _links.Values.Any(link => link.IsVrf);

    /// <inheritdoc/>
    public bool IsL3Master(int index)
    {
        Follow();
        return Find(index) is { IsVrf: true };
    }

    /// <inheritdoc/>
    public int MasterOf(int index)
    {
        Follow();
        return Math.Max(VrfOf(index), 0);
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _route.Dispose();
    }
}
