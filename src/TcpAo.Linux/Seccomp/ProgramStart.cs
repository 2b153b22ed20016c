namespace TcpAo.Linux.Seccomp;

/// <summary>What to start under supervision, and which of its calls to stop.</summary>
public sealed class ProgramStart
{
    /// <summary>The program: a path, or a name to be looked for in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without its name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables that are added to this process' environment or replace those there; null takes one away. The rest is handed on byte by byte.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>
    /// The options at level IPPROTO_TCP that are stopped, 200 at most. Unless said: TCP_AO_ADD_KEY to TCP_AO_REPAIR (38 to 42), TCP_MD5SIG (14), TCP_MD5SIG_EXT (32)
    /// and TCP_REPAIR (19).
    /// </summary>
    public IReadOnlyCollection<int> Options { get; init; } = [38, 39, 40, 41, 42, 14, 32, 19];

    /// <summary>Whether connect(2) is stopped, and with it sendto(2), sendmsg(2) and sendmmsg(2) with MSG_FASTOPEN, which connect too. True unless said.</summary>
    public bool WatchesConnect { get; init; } = true;

    /// <summary>Whether listen(2) is stopped. False unless said.</summary>
    public bool WatchesListen { get; init; }

    /// <summary>Whether getsockopt(2) of SO_ERROR is stopped. False unless said.</summary>
    public bool WatchesErrors { get; init; }

    /// <summary>Whether open(2), openat(2) and openat2(2) are stopped, each of some ten microseconds then. False unless said.</summary>
    public bool WatchesFiles { get; init; }

    /// <summary>
    /// Whether the program may use io_uring, whose own socket calls nobody sees. Unless said it may not: its calls fail with EPERM, as with the sysctl kernel.io_uring_disabled, and programs that can do
    /// without it do.
    /// </summary>
    public bool AllowsRings { get; init; }

    /// <summary>The calls that are stopped beside those about options.</summary>
    internal IReadOnlySet<SocketCallKind> Watched
    {
        get
        {
            HashSet<SocketCallKind> watched = [];
            Add(WatchesConnect, SocketCallKind.Connect);
            Add(WatchesListen, SocketCallKind.Listen);
            Add(WatchesErrors, SocketCallKind.ReadError);
            Add(WatchesFiles, SocketCallKind.OpenFile);
            return watched;

            void Add(bool isWatched, SocketCallKind kind)
            {
                if (isWatched)
                {
                    watched.Add(kind);
                }
            }
        }
    }

    /// <summary>
    /// Whether the program gets NO_NEW_PRIVS also where the kernel would do without, which is where this process has CAP_SYS_ADMIN. With it, set-uid programs keep the
    /// privileges of who starts them.
    /// </summary>
    public bool AlwaysNoNewPrivileges { get; init; }

    /// <summary>
    /// Whether this process becomes the parent of its descendants' orphans (PR_SET_CHILD_SUBREAPER), and collects every child of its own: for a process that does
    /// nothing but supervise. Under the Yama security module an ordinary user's daemons can be supervised in no other way.
    /// </summary>
    public bool AdoptsOrphans { get; init; }

    /// <summary>Told what a handler threw, on the thread that calls handlers.</summary>
    public Action<Exception>? OnHandlerFailure { get; init; }
}
