using System.Net.Sockets;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Telemetry;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Seccomp;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// The data plane of one network namespace for keys that programs set on their sockets: rules of its own, a queue, an engine, and the sockets. Its rules name the sockets' peers and ports alone; when
/// its process dies they stay, and what they match is dropped.
/// </summary>
/// <remarks>Everything but <see cref="Dispose"/> is called with <see cref="Gate"/> held.</remarks>
internal sealed partial class SocketPlane : IDisposable
{
    private const ushort FirstQueue = 6144;
    private const int QueueSpan = 1024;
    private const int QueueAttempts = 64;
    private const int EBUSY = 16;
    private const int MonitorWait = 500;
    private const int RetainInterval = 10_000;

    // null: this process' own, which needs no privilege to be entered
    private readonly NetworkNamespace? _namespace;
    private readonly SocketPlaneOptions _options;
    private readonly SocketRegistry _registry;
    private readonly SocketRules _rules;
    private readonly HostLinks _links = new() { Matters = true };
    private readonly IAoObserver _told;
    private readonly QueueWorker _worker;

    // only keys of a file have an end
    private readonly LocalReject? _rejects;
    private readonly SockDiagMonitor _monitor;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile bool _keepsRules;

    private SocketPlane(NetworkNamespace? space, SocketPlaneOptions options)
    {
        _namespace = space;
        _options = options;
        Space = new SocketNamespace
        {
            OptMemMax = ReadOptMemMax(),
            Md5 = KernelHasMd5() ? Md5Support.Kernel : Md5Support.Engine,
            Policy = options.Policy,
            PolicyMatches = options.PolicyMatches(),
            L3Devices = _links,
            Defaults = options.Keys is { } keys ? new HostKeySource(keys, _links.Find) : null,
            AllowExtensions = true,
        };
#pragma warning disable CA2000 // the registry has it
        _registry = new SocketRegistry(SockDiag.Open(), ReachesAllVrfs);
#pragma warning restore CA2000
        _monitor = SockDiagMonitor.Open();
        var mtu = new InterfaceMtu(options.Time);
        mtu.Open();
        var engineOptions = new AoEngineOptions
        {
            StripVerified = true,
            StackSkipsOption = !KernelTcpAo.IsThere(),
            ReserveOptionSpace = true,
            HoldSynData = true,
            LeaveMd5ToStack = Space.Md5 == Md5Support.Kernel,
            ShowIgnoredIcmp = true,
        };
        var log = new EventLog(options.Log, options.Time) { FindPolicy = pair => _registry.Find(pair) };
        _told = options.Events is { } events ? events.Observe(TraceOrigin.OfThread(), log) : log;
        Engine = new AoEngine(_registry, engineOptions, this);
        PacketSender? sender = OpenSender();

        // last: what comes before may fail, and would leave a table
        (NfQueue queue, NftRuleset rules) = BindQueue();
        _rules = new SocketRules(rules, (ushort)queue.Number);
        _rejects = options.Keys is null ? null : new LocalReject(pair => _registry.Find(pair), options.Time, options.Log);
        _worker = new QueueWorker(queue, Engine, _links, mtu, sender, options.Time) { Hook = this, Rejects = _rejects };
        _thread = new Thread(Watch) { Name = "tcpao sockets", IsBackground = true };
    }

    /// <summary>Is held by whoever uses the plane.</summary>
    public Lock Gate => _worker.Gate;

    /// <summary>What its sockets share.</summary>
    public SocketNamespace Space { get; }

    /// <summary>Its engine.</summary>
    public AoEngine Engine { get; }

    /// <summary>Completes when the queue's thread ends; failed when it ended by itself.</summary>
    public Task Ended => _worker.Ended.Task;

    /// <summary>The namespace as /proc shows it, such as <c>net:[4026531840]</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Begins in a namespace.</summary>
    /// <param name="space">The namespace; the plane takes it over.</param>
    /// <param name="options">How.</param>
    /// <exception cref="LinuxException">A privilege in the namespace or a feature of the kernel is missing.</exception>
    public static SocketPlane Open(NetworkNamespace space, SocketPlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(space);
        return Start(space.Run(() => new SocketPlane(space, options) { Name = space.ReadName() }));
    }

    /// <summary>Begins in the namespace of this process.</summary>
    /// <param name="options">How.</param>
    /// <exception cref="LinuxException">As for the other one.</exception>
    public static SocketPlane OpenOwn(SocketPlaneOptions options)
    {
        using var own = NetworkNamespace.Current();
        return Start(new SocketPlane(null, options) { Name = own.ReadName() });
    }

    /// <summary>The time as the engine takes it.</summary>
    public EngineTime Now() => _worker.Now();

    /// <summary>The socket of a call, or null where it made none before.</summary>
    public ProgramSocket? Find(TargetSocket target) => _registry.Find(target.Cookie);

    /// <summary>Has segments queued that a socket's keys are for, before the call that needs that is answered.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Protect(ProgramSocket socket, bool isOneKeyMore = false)
    {
        if (socket.ListeningPort != 0)
        {
            foreach (Keys.IpPrefix peer in isOneKeyMore ? socket.Model.Peers.Take(1) : socket.Model.Peers.Concat(socket.DefaultPeers))
            {
                _rules.Require(SocketRules.Listener(peer, socket.ListeningPort, socket.IsInVrf));
            }

            if (socket.Model.AoRequired)
            {
                _rules.Require(SocketRules.Listener(Keys.IpPrefix.Any, socket.ListeningPort, socket.IsInVrf));
            }
        }
        else if (socket.Destination is { } destination && (socket.Model.HasAo || socket.Model.HasMd5 || socket.HasDefaultKeys))
        {
            _rules.Require(SocketRules.Peer(destination.Address, destination.Port, socket.IsInVrf));
        }

        _rules.Commit();
    }

    /// <summary>A socket is about to listen.</summary>
    /// <exception cref="LinuxException">The kernel refused the rules.</exception>
    public void Listen(ProgramSocket socket, ushort port)
    {
        socket.ListeningPort = port;
        socket.DefaultPeers = _options.Keys is { } keys
            ? [.. keys.Peers.SelectMany(peer => peer.Matches()).Where(match => match.LocalPort.Contains(port)).Select(match => match.Remote).Distinct()]
            : [];
        _rules.RequireSigned(port);
        Protect(socket);
    }

    /// <summary>Keys of a socket are others.</summary>
    public void UseKeys()
    {
        _registry.ForgetStrangers();
        Engine.UseKeys(_registry);
    }

    /// <summary>Reads again how much memory for options a socket may have.</summary>
    /// <returns>Whether it is another amount than before.</returns>
    public bool RefreshOptMemMax()
    {
        int now = Inside(ReadOptMemMax);
        bool isOther = now != Space.OptMemMax;
        Space.OptMemMax = now;
        return isOther;
    }

    /// <summary>A socket's connection is over: what it has is late segments.</summary>
    public void Leave(ProgramSocket socket)
    {
        if (socket.Pair is { } pair)
        {
            _registry.Unbind(pair, socket);
            CloseConnection(socket);
            socket.Pair = null;
            socket.Connection = null;
        }
    }

    /// <summary>Continues a connection that a program set up in repair mode.</summary>
    public void Restore(ProgramSocket socket, in SocketFacts facts)
    {
        if (socket.Model.Continue(facts) is not { } saved)
        {
            return;
        }

        socket.Pair = facts.Pair;
        _registry.Bind(facts.Pair, socket);
        if (Engine.Restore(saved, facts.Time) is { } connection)
        {
            socket.Connection = connection;
        }
    }

    /// <summary>Whether it is that of this process' own namespace.</summary>
    public bool IsOwn => _namespace is null;

    /// <summary>Whether no socket and no connection needs it.</summary>
    public bool IsIdle
    {
        get
        {
            lock (Gate)
            {
                return _registry.Count == 0 && !Engine.Connections.Any();
            }
        }
    }

    /// <summary>What it has: sockets, connections that have one, connections of the engine, and what its rules name.</summary>
    public (int Sockets, int OwnedConnections, int Connections, int Rules) Count()
    {
        lock (Gate)
        {
            return (_registry.Count, _registry.ConnectionCount, Engine.Connections.Count(), _rules.Count);
        }
    }

    /// <summary>Takes the rules away where no socket and no connection needs them.</summary>
    public void ReleaseIfIdle()
    {
        lock (Gate)
        {
            if (IsIdle)
            {
                _rules.Remove();
            }
        }
    }

    /// <summary>Takes the rules away: from then on nothing is protected in this namespace.</summary>
    public void Release()
    {
        if (!_keepsRules)
        {
            lock (Gate)
            {
                _rules.Remove();
            }
        }
    }

    /// <summary>Ends; the rules stay unless they were released.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _worker.Dispose();
        _rejects?.Dispose();
        _monitor.Dispose();
        _registry.Dispose();
        _rules.Dispose();
        _links.Dispose();
        _namespace?.Dispose();
    }

    private static SocketPlane Start(SocketPlane plane)
    {
        _ = plane.Ended.ContinueWith(
            ended => plane._options.Log($"the data plane of {plane.Name} has ended, nothing that its rules match passes any more: {ended.Exception?.GetBaseException().Message}"),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        plane._worker.Start();
        plane._thread.Start();
        return plane;
    }

    private T Inside<T>(Func<T> function) => _namespace is null ? function() : _namespace.Run(function);

    private static int ReadOptMemMax() =>
        int.TryParse(File.ReadAllText("/proc/sys/net/core/optmem_max"), System.Globalization.CultureInfo.InvariantCulture, out int bytes) ? bytes : 131_072;

    /// <summary>Whether listeners that are bound to no device get connections of all VRFs (ip-sysctl: tcp_l3mdev_accept).</summary>
    private bool ReachesAllVrfs() => _links.HasVrf && Inside(static () => File.ReadAllText("/proc/sys/net/ipv4/tcp_l3mdev_accept").AsSpan().Trim() is not "0");

    private static bool KernelHasMd5()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        byte[] key = new byte[TcpMd5Sig.Size];
        try
        {
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, (int)TcpSocketOption.Md5Sig, key);
        }
        catch (SocketException error)
        {
            // anything else is said of the empty key
            return error.NativeErrorCode != (int)LinuxErrno.NoSuchOption;
        }

        return true;
    }

    /// <summary>
    /// A queue that nobody has and that no rules of a dead process lead to: its table has the queue's number in its name. Those rules' connections would be taken for strangers' here, and pass.
    /// </summary>
    private static (NfQueue Queue, NftRuleset Rules) BindQueue()
    {
        LinuxException refused = new(EBUSY, "No netfilter queue is free; rules of dead 'tcpao exec' may be left: 'tcpao exec --release' takes them away.");
        for (int i = 0; i < QueueAttempts; i++)
        {
            ushort number = (ushort)(FirstQueue + ((Environment.ProcessId + i) % QueueSpan));
            NfQueue? queue = null;
            NftRuleset? rules = null;
            try
            {
                queue = NfQueue.Bind(number);
                rules = NftRuleset.Open(TableName(number));
                if (rules.Read() is null)
                {
                    rules.Replace(new NftModel { Traffic = [], FirstQueue = number });
                    (NfQueue, NftRuleset) both = (queue, rules);
                    (queue, rules) = (null, null);
                    return both;
                }
            }
            catch (LinuxException error)
            {
                // another process has it; or it is no matter of the number
                refused = error;
            }
            finally
            {
                rules?.Dispose();
                queue?.Dispose();
            }
        }

        throw refused;
    }

    /// <summary>Name of the table whose rules lead to a queue.</summary>
    public static string TableName(int queue) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{TablePrefix}{queue}");

    /// <summary>What the names of all tables of <c>tcpao exec</c> begin with.</summary>
    public const string TablePrefix = "tcpao-exec-";

    private PacketSender? OpenSender()
    {
        try
        {
            return PacketSender.Open();
        }
        catch (LinuxException error)
        {
            _options.Log($"{error.Message} Without it a session is slow where a segment is too long for its path once it is signed");
            return null;
        }
    }
}
