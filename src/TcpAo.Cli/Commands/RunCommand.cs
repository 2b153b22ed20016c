using System.CommandLine;
using System.Runtime.InteropServices;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Emulation;
using TcpAo.Hosting.KeyStores;
using TcpAo.Linux;

namespace TcpAo.Cli.Commands;

/// <summary>
/// <c>tcpao run -c tcpao.yaml</c>: protects the peers of a configuration until it is told to stop. The rules stay when it ends; <c>run --release</c> takes
/// them away.
/// </summary>
internal sealed class RunCommand : Command
{
    private static readonly Option<string?> s_config = new("--config", "-c") { Description = "configuration with key-chains and peers", HelpName = "FILE" };
    private static readonly Option<bool> s_release = new("--release") { Description = "take the rules away and erase the state: nothing is protected from then on" };
    private static readonly Option<ushort> s_queue = new("--queue") { Description = "number of the first NFQUEUE queue", DefaultValueFactory = _ => 5925, HelpName = "N" };
    private static readonly Option<string?> s_state = new("--state") { Description = "file that connections are kept in over a restart (default: one below /run/tcpao)", HelpName = "FILE" };

    private static readonly Option<string?> s_control = new("--control") { Description = "control socket for 'show' and 'reload' (default: beside the state file)", HelpName = "FILE" };

    private static readonly Option<string?> s_kekFile = Keys.KeysOptions.KekFile();

    public RunCommand()
        : base("run", "Protect the peers of a configuration: sign and verify every TCP segment with them")
    {
        Add(s_config);
        Add(s_release);
        Add(s_queue);
        Add(s_state);
        Add(s_control);
        Add(s_kekFile);
        SetAction(Run);
    }

    private static int Run(ParseResult parsed)
    {
        // before any key is in memory
        if (!CoreDumps.Forbid())
        {
            Console.Error.WriteLine("tcpao: warning: the kernel refuses to turn core dumps of this process off; a core file would hold keys");
        }

        string? kekFile = parsed.GetValue(s_kekFile);
        var options = new ProtectedHostOptions { Queue = parsed.GetValue(s_queue), Log = line => Console.Error.WriteLine($"tcpao: {line}") };
        if (parsed.GetValue(s_state) is { } state)
        {
            options = options with { StatePath = Path.GetFullPath(state) };
        }

        try
        {
            if (parsed.GetValue(s_release))
            {
                // the state may be where the configuration says
                if (parsed.GetValue(s_config) is { } named && parsed.GetValue(s_state) is null && ConfigurationText.Load(named, kekFile).StateFile is { } kept)
                {
                    options = options with { StatePath = kept };
                }

                Console.Error.WriteLine(ProtectedHost.Release(options)
                    ? "tcpao: the rules are gone; nothing is protected any more"
                    : "tcpao: there are no rules of tcpao in this network namespace");
                return ExitCodes.Success;
            }

            string file = parsed.GetValue(s_config) ?? throw new UserErrorException("run needs --config FILE, or --release", ExitCodes.Usage);
            TcpAoConfiguration configuration = ConfigurationText.Load(file, kekFile);
            if (configuration.Peers.IsEmpty)
            {
                throw new UserErrorException($"{file}: there are no peers to protect; add them under 'peers:'", ExitCodes.Configuration);
            }

            if (options.Queue + configuration.Queues - 1 > ushort.MaxValue)
            {
                throw new UserErrorException($"queues {options.Queue} to {options.Queue + configuration.Queues - 1}: the last one there is is {ushort.MaxValue}", ExitCodes.Usage);
            }

            // the socket stays where 'show' looks for it
            string control = parsed.GetValue(s_control) is { } path ? Path.GetFullPath(path) : ControlServer.PathBeside(options.StatePath);
            if (parsed.GetValue(s_state) is null && configuration.StateFile is { } stateFile)
            {
                options = options with { StatePath = stateFile };
            }

            return Protect((file, kekFile), configuration, options, control);
        }
        catch (ConfigurationException error)
        {
            throw ConfigurationText.Errors(error);
        }
        catch (IOException error)
        {
            throw new UserErrorException(error.Message, ExitCodes.Privilege);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UserErrorException($"{error.Message} Run as root, or name files that you may write with --state and --control.", ExitCodes.Privilege);
        }
        catch (LinuxException error)
        {
            throw new UserErrorException(error.Message, ExitCodes.Privilege);
        }
    }

    private static int Protect((string File, string? KekFile) source, TcpAoConfiguration configuration, ProtectedHostOptions options, string controlPath)
    {
        using SdNotify notify = SdNotify.FromEnvironment();
        using ControlServer server = ControlServer.Listen(controlPath);
        server.Share(HostControl.GroupOf(configuration));
        using MetricsServer? metrics = configuration.MetricsEndpoint is { } endpoint ? MetricsServer.Listen(endpoint) : null;
        using KeyStoreFollower follower = KeyStoreFollower.Open(ref configuration);
        using ProtectedHost host = ProtectedHost.Start(options with { Beat = notify.Beat }, configuration);
        var control = new HostControl(host, source.File, server, notify, options.Log, source.KekFile);
        follower.Start(control);
        server.Serve(control);
        metrics?.Serve(control);
        host.ServePrograms(ProgramHost.PathBeside(options.StatePath));
        var stop = new TaskCompletionSource();
        HangUp.StopIgnoring();
        using PosixSignalRegistration reload = On(PosixSignal.SIGHUP, () => Reload(control, options.Log));
        using PosixSignalRegistration terminate = On(PosixSignal.SIGTERM, () => stop.TrySetResult());
        using PosixSignalRegistration interrupt = On(PosixSignal.SIGINT, () => stop.TrySetResult());
        options.Log($"protecting {configuration.Peers.Length} peers; SIGHUP reloads {source.File}, the rules stay when this ends");
        notify.Ready($"protecting {configuration.Peers.Length} peers");
        Task.WaitAny(host.Ended, stop.Task);
        notify.Stopping();
        follower.Dispose();
        if (host.Ended.Exception is { } failure)
        {
            throw failure.GetBaseException();
        }

        options.Log("stopped; what the rules match is dropped until the next start, 'tcpao run --release' takes them away");
        return ExitCodes.Success;
    }

    private static PosixSignalRegistration On(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    });

    /// <summary>A configuration that is wrong changes nothing.</summary>
    private static void Reload(HostControl control, Action<string> log)
    {
        try
        {
            control.Reload(dryRun: false);
        }
        catch (Exception error) when (error is ConfigurationException or LinuxException or InvalidOperationException)
        {
            // told by the reload, whoever asked for it
        }
#pragma warning disable CA1031 // a reload never ends the program: the configuration before it goes on
        catch (Exception error)
#pragma warning restore CA1031
        {
            log($"the reload failed: internal error: {error.GetType().Name}: {error.Message}");
        }
    }
}
