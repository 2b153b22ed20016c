using System.CommandLine;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Emulation;
using TcpAo.Hosting.Telemetry;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Seccomp;
using TcpAo.Uapi;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao exec -- PROGRAM …</c>: runs a program whose TCP-AO socket options work also where the kernel has none.</summary>
internal sealed class ExecCommand : Command
{
    private const string Separator = "--";

    private static readonly Option<bool> s_proc = new("--proc") { Description = "show the program the counters of TCP-AO in /proc/net/netstat" };
    private static readonly Option<bool> s_follow = new("--queued-follow-listener") { Description = "connections that wait for accept() get and lose keys with their listener; Linux leaves that race to the program" };
    private static readonly Option<bool> s_rings = new("--io-uring") { Description = "let the program use io_uring; what it does by io_uring's own socket calls is not seen, and may leave unsigned" };
    private static readonly Option<string?> s_log = new("--log") { Description = "append what is noticed to a file, or print it for '-' (default: nothing)", HelpName = "FILE" };
    private static readonly Option<string?> s_trace = new("--trace") { Description = "append events to a file as JSON lines, schema tcpao.trace/1, or print them to stderr for '-'", HelpName = "FILE" };
    private static readonly Option<string[]> s_traceFilter = new("--trace-filter") { Description = "trace only events that meet a condition of 'tcpao trace', such as event=tcp_ao_mismatch or keyid=5; may be given several times", HelpName = "NAME=VALUE" };
    private static readonly Option<int> s_linger = new("--linger") { Description = "seconds to wait for data that an ended program left on the way, 0 to 3600", DefaultValueFactory = _ => 5, HelpName = "SECONDS" };
    private static readonly Option<string?> s_daemon = new("--daemon") { Description = "socket of the 'tcpao run' that serves the program (default: that of this network namespace, if it runs)", HelpName = "FILE" };
    private static readonly Option<string?> s_keys = new("--keys") { Description = "configuration with key-chains and peers: sockets to those peers that the program sets no keys on have these, also if it knows nothing of TCP-AO", HelpName = "FILE" };
    private static readonly Option<bool> s_release = new("--release") { Description = "take away what 'exec' that was killed left in this network namespace; refused while sockets live that it protects" };
    private static readonly Option<bool> s_force = new("--force") { Description = "with --release: end those sockets first" };

    private string[]? _program;

    public ExecCommand()
        : base("exec", "Run a program whose TCP_AO_* socket options work on a kernel without them: tcpao exec [options] -- PROGRAM [ARGUMENTS]")
    {
        Add(s_keys);
        Add(s_proc);
        Add(s_follow);
        Add(s_rings);
        Add(s_log);
        Add(s_trace);
        Add(s_traceFilter);
        Add(s_linger);
        Add(s_daemon);
        Add(s_release);
        Add(s_force);
        SetAction(Run);
    }

    /// <summary>Takes what stands behind <c>--</c>: it is the program's, and nothing of it is looked at.</summary>
    /// <returns>The rest.</returns>
    public string[] TakeProgram(string[] arguments)
    {
        int at = arguments is [var verb, ..] && string.Equals(verb, Name, StringComparison.Ordinal) ? Array.IndexOf(arguments, Separator) : -1;
        _program = at < 0 ? null : arguments[(at + 1)..];
        return at < 0 ? arguments : arguments[..at];
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(s_release))
        {
            return Release(parsed.GetValue(s_force));
        }

        int linger = parsed.GetValue(s_linger);
        if (linger is < 0 or > 3600)
        {
            throw new UserErrorException($"--linger {linger}: 0 to 3600 seconds", ExitCodes.ExecFailed);
        }

        if (_program is not [{ Length: > 0 } program, ..])
        {
            throw new UserErrorException("exec needs a program: tcpao exec [options] -- PROGRAM [ARGUMENTS]", ExitCodes.ExecFailed);
        }

        TcpAoConfiguration? keys = LoadKeys(parsed.GetValue(s_keys));
        TraceFilter filter = FilterOf(parsed.GetValue(s_traceFilter) ?? []);
        using TextWriter? log = OpenLog(parsed.GetValue(s_log));
        using Stream? trace = OpenTrace(parsed.GetValue(s_trace));
        try
        {
            return ProgramHost.Run(new ProgramHostOptions
            {
                Program = program,
                Arguments = _program[1..],
                Keys = keys,
                ShowsCounters = parsed.GetValue(s_proc),
                QueuedConnectionsFollowListener = parsed.GetValue(s_follow),
                AllowsRings = parsed.GetValue(s_rings),
                Daemon = parsed.GetValue(s_daemon),
                Trace = trace,
                TraceFilter = filter,
                Linger = TimeSpan.FromSeconds(linger),
                Log = line => log?.WriteLine($"tcpao: {line}"),
            });
        }
        catch (ProgramStartException error)
        {
            throw new UserErrorException(error.Message, error.ExitCode);
        }
        catch (LinuxException error)
        {
            throw new UserErrorException(error.Message, ExitCodes.ExecFailed);
        }
    }

    private static TcpAoConfiguration? LoadKeys(string? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            return HostControl.Load(file);
        }
        catch (ConfigurationException error)
        {
            throw new UserErrorException(ConfigurationText.Errors(error).Message, ExitCodes.ExecFailed);
        }
    }

    private static TextWriter? OpenLog(string? path)
    {
        try
        {
            return path switch
            {
                null => null,
                "-" => TextWriter.Synchronized(Console.Error),
                _ => Append(path),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"--log: {error.Message}", ExitCodes.ExecFailed);
        }
    }

    private static Stream? OpenTrace(string? path)
    {
        try
        {
            return path switch
            {
                null => null,
                "-" => Console.OpenStandardError(),
                _ => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"--trace: {error.Message}", ExitCodes.ExecFailed);
        }
    }

    private static TraceFilter FilterOf(string[] conditions)
    {
        var pairs = conditions.Select(condition => condition.Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0], parts.Length > 1 ? parts[1] : string.Empty));
        return TraceFilter.TryParse(pairs, out TraceFilter? filter, out string? problem)
            ? filter
            : throw new UserErrorException($"--trace-filter: {problem}", ExitCodes.ExecFailed);
    }

    private static TextWriter Append(string path)
    {
#pragma warning disable CA2000 // the synchronized writer has it
        var file = new StreamWriter(path, append: true) { AutoFlush = true };
#pragma warning restore CA2000
        return TextWriter.Synchronized(file);
    }

    private static int Release(bool isForced)
    {
        try
        {
            IReadOnlyList<string> tables = SocketLeftovers.Find();
            IReadOnlyList<TcpSocket> sockets = SocketLeftovers.FindSockets(tables);
            if (sockets.Count > 0 && !isForced)
            {
                throw new UserErrorException(DescribeUse(sockets), ExitCodes.No);
            }

            SocketLeftovers.Release(tables, sockets);
            Console.Error.WriteLine(tables.Count == 0
                ? "tcpao: no 'exec' that was killed left rules in this network namespace"
                : $"tcpao: gone: {string.Join(", ", tables)}; the connections that they were for are not protected any more");
            return ExitCodes.Success;
        }
        catch (LinuxException error)
        {
            throw new UserErrorException(error.Message, ExitCodes.Privilege);
        }
    }

    private static string DescribeUse(IReadOnlyList<TcpSocket> sockets)
    {
        TcpSocket first = sockets[0];
        string example = first.State == TcpState.Listen ? $"a listener on port {first.Pair.LocalPort}" : $"{first.Pair}";
        IReadOnlyList<int> processes = SocketHolders.Find(sockets.Select(socket => socket.Inode).Where(inode => inode != 0).ToHashSet());
        string holders = processes.Count == 0 ? "no process that can be seen holds them" : $"held by process {string.Join(", ", processes)}";
        return $"sockets live whose segments would pass unsigned without the rules: {sockets.Count}, such as {example}; {holders}. End those processes, or have the sockets ended with --force";
    }
}
