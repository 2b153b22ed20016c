using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Telemetry;
using TcpAo.Linux;
using TcpAo.Linux.Seccomp;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// Runs a program whose TCP-AO socket options work on a kernel without them: its calls are stopped and answered here, its segments signed and verified by data planes of this process. Rules stand
/// before the call that needs them is answered, and stay when this process dies: what they match is dropped then.
/// </summary>
public static class ProgramHost
{
    /// <summary>Runs a program to its end, and to that of all that it started.</summary>
    /// <param name="options">What to run.</param>
    /// <returns>Its exit code; 128 and the number of the signal that ended it.</returns>
    /// <exception cref="ProgramStartException">It does not run.</exception>
    /// <exception cref="LinuxException">A privilege in the network namespace, or a feature of the kernel, is missing.</exception>
    public static int Run(ProgramHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

#pragma warning disable CA2000 // not disposed: a signal that came just before would take the place of the exit code
        var signals = new ForwardedSignals();
#pragma warning restore CA2000
        using ProgramClient? daemon = ProgramClient.Connect(options);
        if (daemon is not null && options.Trace is not null)
        {
            throw new LinuxException(EINVAL, "A running 'tcpao run' serves the program, so the events are there: use 'tcpao trace'.");
        }

        if (daemon is not null && options.Keys is not null)
        {
            throw new LinuxException(EINVAL, "A running 'tcpao run' serves the program, so keys are that one's: put them into its configuration.");
        }

        return daemon is null ? RunAlone(options, signals) : RunServed(options, daemon, signals);
    }

    /// <summary>The socket that a running <c>tcpao run</c> serves programs by, beside its state file.</summary>
    /// <param name="statePath">The state file.</param>
    public static string PathBeside(string statePath) => ProgramLink.PathBeside(statePath);

    private const int EINVAL = 22;

    private static int RunServed(ProgramHostOptions options, ProgramClient daemon, ForwardedSignals signals)
    {
        using var program = SupervisedProgram.Start(StartOf(options), daemon.Hand, signals);
        int code = program.Exit.GetAwaiter().GetResult();
        program.Ended.GetAwaiter().GetResult();
        return code;
    }

    private static int RunAlone(ProgramHostOptions options, ForwardedSignals signals)
    {
        EventHub? events = options.Trace is null ? null : new EventHub(options.Time);
        using TraceFile? trace = events is null ? null : TraceFile.Start(events, options.TraceFilter, options.Trace!, options.Time, options.Log);
        using var planes = new SocketPlanes(new SocketPlaneOptions { Time = options.Time, Log = options.Log, Events = events, Keys = options.Keys });
        using KeyExpiryWatch? expiry = options.Keys is { } keys ? new KeyExpiryWatch(() => keys.Peers.Select(peer => peer.KeyChain).Distinct(), options.Time, options.Log) : null;
        planes.OpenCurrent();
        var emulator = new SocketCallEmulator(planes, options.ShowsCounters ? new NetstatFile(planes) : null, options.QueuedConnectionsFollowListener);
        int code;
        try
        {
            using var program = SupervisedProgram.Start(StartOf(options), emulator, signals);
            code = program.Exit.GetAwaiter().GetResult();
            program.Ended.GetAwaiter().GetResult();
        }
        catch (ProgramStartException)
        {
            planes.Release();
            throw;
        }

        planes.Finish(options.Linger);
        planes.Release();
        return code;
    }

    private static ProgramStart StartOf(ProgramHostOptions options) => new()
    {
        Program = options.Program,
        Arguments = options.Arguments,
        Options = SocketCallEmulator.Options,
        WatchesListen = true,
        WatchesErrors = options.ShowsCounters,
        WatchesFiles = options.ShowsCounters,
        AllowsRings = options.AllowsRings,
        AdoptsOrphans = true,
        OnHandlerFailure = error => options.Log($"a call failed: {error.GetType().Name}: {error.Message}"),
    };
}
