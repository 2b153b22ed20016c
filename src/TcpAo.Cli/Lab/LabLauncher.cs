using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TcpAo.Cli.Lab;

/// <summary>
/// Starts the lab, or whatever else needs hosts of its own, once more inside namespaces of its own: network, mounts and processes, and users where we are not root. Whatever ends the lab, the
/// kernel ends everything in there. A process that has threads cannot do that to itself, so <c>unshare</c> of util-linux does.
/// </summary>
internal static class LabLauncher
{
    private const string Unshare = "unshare";

    private static readonly string[] s_base = ["--net", "--mount", "--pid", "--fork", "--kill-child"];
    private static readonly string[][] s_ways = [[.. s_base, "--mount-proc"], ["--user", "--map-root-user", .. s_base, "--mount-proc"]];

    /// <summary>Runs it.</summary>
    /// <param name="verb">What it is called in messages.</param>
    /// <param name="arguments">What stands behind the name of the program.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string verb, IEnumerable<string> arguments)
    {
        string[] way = FindWay(verb);
        string[] inside = [.. LabProgram.Words, .. arguments];
        ProcessStartInfo start = LabProgram.Self();
        start.FileName = Unshare;
        start.ArgumentList.Clear();
        foreach (string word in (string[])[.. way, "--", .. inside])
        {
            start.ArgumentList.Add(word);
        }

        // the lab inside ends when this pipe does, which is when we do
        start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        int signals = 0;
        using PosixSignalRegistration interrupt = On(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = On(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration hangUp = On(PosixSignal.SIGHUP, End);
        process.WaitForExit();
        if (signals > 0)
        {
            Console.Error.WriteLine($"tcpao: {verb}: interrupted; nothing of it is left");
            return ExitCodes.No;
        }

        return process.ExitCode;

        void End()
        {
            Interlocked.Increment(ref signals);
            process.StandardInput.Close();
        }
    }

    /// <summary>Inside: ends this process, and so everything else in its namespaces, when the launcher is gone.</summary>
    public static void EndWithLauncher()
    {
        // the launcher ends us; Ctrl-C is its to tell
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        Stream pipe = Console.OpenStandardInput();
        new Thread(() =>
        {
            while (pipe.Read(new byte[1]) > 0)
            {
            }

            Environment.Exit(ExitCodes.No);
        })
        {
            Name = "launcher",
            IsBackground = true,
        }.Start();
    }

    private static PosixSignalRegistration On(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    });

    /// <summary>The options of unshare that the system allows.</summary>
    /// <exception cref="UserErrorException">None.</exception>
    private static string[] FindWay(string verb)
    {
        string said = string.Empty;
        foreach (string[] way in s_ways)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(Unshare, [.. way, "--", "true"]) { UseShellExecute = false, RedirectStandardError = true })!;
                said = process.StandardError.ReadToEnd().Trim();
                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    return way;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                throw new UserErrorException($"{verb} needs the program unshare; install util-linux", ExitCodes.Privilege);
            }
        }

        throw new UserErrorException(
            $"{verb} may not make namespaces here ({said}); run it as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 on old Debian, "
            + "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu",
            ExitCodes.Privilege);
    }
}
