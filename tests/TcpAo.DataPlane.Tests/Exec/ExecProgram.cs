using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary><c>tcpao exec</c> of Programs/agent.py in a host: a program with TCP-AO sockets that does what the test tells it, step by step.</summary>
internal sealed class ExecProgram : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _errors = [];
    private readonly Task _readErrors;

    private ExecProgram(Host host, string[] before, string[] options, string[] program)
    {
        string[] words = [.. before, .. CommandLine(["exec", .. options, "--", .. program])];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        _process = host.Space.Run(() => Process.Start(start)!);
        _readErrors = ReadErrors();
    }

    /// <summary>The supervisor.</summary>
    public int Id => _process.Id;

    /// <summary>What came on its standard error, where <c>--log -</c> goes too.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Where the agent is.</summary>
    public static string Agent => Path.Combine(AppContext.BaseDirectory, "Exec", "Programs", "agent.py");

    /// <summary>The command <c>tcpao</c>.</summary>
    public static string[] CommandLine(params string[] arguments) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), .. arguments];

    /// <summary>Starts the agent; returns when it answers.</summary>
    public static ExecProgram Start(Host host, params string[] options) => StartAs(host, [], options);

    /// <summary>The same, started by another program, such as setpriv.</summary>
    public static ExecProgram StartAs(Host host, string[] before, params string[] options)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed");
        var program = new ExecProgram(host, before, ["--log", "-", .. options], ["/usr/bin/python3", "-S", Agent]);
        try
        {
            Assert.Equal("'ready'", program.Ask("'ready'"));
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>Runs any program, or a command that runs none, to its end.</summary>
    public static (int Code, string Output, string Errors) Run(Host host, string[] before, params string[] arguments)
    {
        string[] words = [.. before, .. CommandLine(arguments)];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = host.Space.Run(() => Process.Start(start)!);
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Wait.For(Task.WhenAll(output, errors, process.WaitForExitAsync()));
            return (process.ExitCode, output.Result, errors.Result);
        }
        finally
        {
            KillIfAlive(process);
        }
    }

    /// <summary>Has the agent run Python; gives the value, the error's name, or ETIMEDOUT.</summary>
    public string Ask(string python)
    {
        Tell(python);
        return Answer();
    }

    /// <summary>Has the agent run statements that succeed.</summary>
    public void Do(string python)
    {
        string answer = Ask(python);
        Assert.True(answer is "None", $"{python}: {answer}\n{Errors}");
    }

    /// <summary>The value of an expression that is a number.</summary>
    public long Number(string python) => long.Parse(Ask(python), CultureInfo.InvariantCulture);

    /// <summary>Begins what may take a while; <see cref="Answer"/> waits for its end.</summary>
    public void Tell(string python)
    {
        _process.StandardInput.WriteLine(python.Replace('\n', '\u001f'));
        _process.StandardInput.Flush();
    }

    public string Answer()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Wait.For(line);
        Assert.True(line.Result is not null, $"the program has ended; it said:\n{Errors}");
        return line.Result;
    }

    /// <summary>Has the agent end; gives the exit code of <c>exec</c>.</summary>
    public int Finish()
    {
        _process.StandardInput.Close();
        Wait.For(_process.WaitForExitAsync());
        Wait.For(_readErrors);
        return _process.ExitCode;
    }

    /// <summary>kill -9 of the supervisor; the agent goes on.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(Wait.Milliseconds);
    }

    public void Dispose()
    {
        // the end of its input ends the agent also where its supervisor is dead
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Wait.Milliseconds))
        {
            KillIfAlive(_process);
        }

        _process.Dispose();
    }

    private static void KillIfAlive(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private async Task ReadErrors()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Add(line);
            }
        }
    }
}
