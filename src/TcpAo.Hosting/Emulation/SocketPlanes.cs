using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Seccomp;

namespace TcpAo.Hosting.Emulation;

/// <summary>The data planes of the network namespaces in which supervised programs have sockets, made when the first one needs it.</summary>
/// <param name="options">How they work.</param>
internal sealed class SocketPlanes(SocketPlaneOptions options) : IDisposable
{
    private readonly Lock _lock = new();

    // null: the namespace is out of reach
    private readonly Dictionary<ulong, SocketPlane?> _byCookie = [];

    /// <summary>The planes that there are.</summary>
    public IReadOnlyList<SocketPlane> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byCookie.Values.OfType<SocketPlane>()];
            }
        }
    }

    /// <summary>Whether sockets have keys that they did not set: then every one that connects is of interest.</summary>
    public bool HasKeys => options.Keys is not null;

    /// <summary>The plane of a socket's namespace, if there is one.</summary>
    public SocketPlane? Find(TargetSocket socket)
    {
        lock (_lock)
        {
            return _byCookie.GetValueOrDefault(socket.NamespaceCookie);
        }
    }

    /// <summary>The plane of a namespace by its name (<see cref="NetworkNamespace.ReadName"/>), if there is one.</summary>
    public SocketPlane? Find(string name) => All.FirstOrDefault(plane => string.Equals(plane.Name, name, StringComparison.Ordinal));

    /// <summary>The plane of a socket's namespace, made where there is none; null where this process may not or cannot: the kernel's own answer is right then.</summary>
    public SocketPlane? Of(TargetSocket socket)
    {
        lock (_lock)
        {
            if (!_byCookie.TryGetValue(socket.NamespaceCookie, out SocketPlane? plane))
            {
                CloseIdle();
                plane = Open(socket);
                _byCookie.Add(socket.NamespaceCookie, plane);
            }

            return plane;
        }
    }

    /// <summary>Makes the plane of the namespace that the calling thread is in.</summary>
    /// <exception cref="LinuxException">A privilege in it, or a feature of the kernel, is missing.</exception>
    public void OpenCurrent()
    {
        SocketPlane plane = SocketPlane.OpenOwn(options);
        lock (_lock)
        {
            _byCookie.Add(NetworkNamespace.ReadCookie(), plane);
        }
    }

    /// <summary>Waits until what is in the queues now has passed them, also from one namespace to the next.</summary>
    public void Settle()
    {
        IReadOnlyList<SocketPlane> all = All;
        for (int hop = 0; hop < Math.Min(all.Count, 2); hop++)
        {
            foreach (SocketPlane plane in all)
            {
                plane.Drain();
            }
        }
    }

    /// <summary>Waits for what the sockets of ended programs still have to send, then ends their connections, so that nothing of them leaves once the rules are gone.</summary>
    /// <param name="limit">How long to wait.</param>
    public void Finish(TimeSpan limit)
    {
        long started = options.Time.GetTimestamp();
        foreach (SocketPlane plane in All)
        {
            while (plane.HasUnsent() && options.Time.GetElapsedTime(started) < limit)
            {
                Thread.Sleep(20);
            }

            plane.EndConnections();
        }

        // their resets leave before the rules go
        Settle();
    }

    /// <summary>The policy owns other connections from now on.</summary>
    public void UsePolicy()
    {
        foreach (SocketPlane plane in All)
        {
            lock (plane.Gate)
            {
                plane.Space.PolicyMatches = options.PolicyMatches();
                plane.UseKeys();
            }
        }
    }

    /// <summary>Takes the rules of all planes away; from then on nothing is protected.</summary>
    public void Release()
    {
        foreach (SocketPlane plane in All)
        {
            plane.Release();
        }
    }

    /// <summary>Ends; rules that something still needs stay unless they were released.</summary>
    public void Dispose()
    {
        foreach (SocketPlane plane in All)
        {
            plane.ReleaseIfIdle();
            plane.Dispose();
        }
    }

    /// <summary>
    /// A plane holds its namespace, which may have nobody else any more. Only where other namespaces are served, and there one thread answers all calls: nobody uses a plane that is closed here.
    /// </summary>
    private void CloseIdle()
    {
        foreach ((ulong cookie, SocketPlane? plane) in _byCookie.ToArray())
        {
            if (plane is { IsOwn: false, IsIdle: true })
            {
                _byCookie.Remove(cookie);
                plane.Release();
                plane.Dispose();
            }
        }
    }

    private SocketPlane? Open(TargetSocket socket)
    {
        if (!options.ServesOtherNamespaces)
        {
            return null;
        }

        try
        {
            return SocketPlane.Open(socket.OpenNamespace(), options);
        }
        catch (LinuxException error)
        {
            options.Log($"a socket's network namespace is out of reach, its calls are the kernel's: {error.Message}");
            return null;
        }
    }
}
