using System.Diagnostics;
using System.Text;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Tests.Support;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>This program again, as the supervisor of another: for what concerns the supervisor's own process.</summary>
internal static class SupervisorProcess
{
    public const string Verb = "supervise";
    private const string AdoptVariable = "TCPAO_TEST_ADOPT";

    /// <summary>Where the text that the handler gives for TCP_AO_INFO comes from.</summary>
    public static ReadOnlySpan<byte> Info => "answered by the supervisor"u8;

    /// <summary>The command line of a supervisor of a program.</summary>
    public static string[] CommandLine(params string[] program) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) is "dotnet"
            ? [Environment.ProcessPath!, typeof(SupervisorProcess).Assembly.Location, Verb, .. program]
            : [Environment.ProcessPath!, Verb, .. program];

    /// <summary>Starts any command with its output and input at hand.</summary>
    public static Process Start(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[AdoptVariable] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Runs any command to its end, or kills it.</summary>
    public static (int Code, string Output) Run(params string[] command)
    {
        using Process process = Start(command);
        return Finish(process);
    }

    public static (int Code, string Output) Finish(Process process)
    {
        try
        {
            StringBuilder text = new();
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Wait.For(process.WaitForExitAsync());
            Wait.For(Task.WhenAll(errors, output));
            text.Append(output.Result).Append(errors.Result);
            return (process.ExitCode, text.ToString());
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>What the process does: as <c>tcpao exec</c> will, with a handler that takes every key and knows one answer.</summary>
    public static async Task<int> RunAsync(string[] command)
    {
#pragma warning disable CA2000 // for as long as the process lives
        ForwardedSignals signals = new();
#pragma warning restore CA2000
        ScriptedHandler handler = new(call =>
        {
            switch (call.Kind, call.Option)
            {
                case (SocketCallKind.SetOption, 38):
                    return SocketAnswer.Success;
                case (SocketCallKind.GetOption, 40):
                    int error = call.WriteValue(0, Info);
                    return error == 0 ? SocketAnswer.Success : SocketAnswer.Fail(error);
                default:
                    return SocketAnswer.Continue;
            }
        });
        try
        {
            ProgramStart start = new()
            {
                Program = command[0],
                Arguments = command[1..],
                AdoptsOrphans = Environment.GetEnvironmentVariable(AdoptVariable) is not null,
            };
            using var program = SupervisedProgram.Start(start, handler, signals);
            await program.Ended;
            return await program.Exit;
        }
        catch (ProgramStartException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return exception.ExitCode;
        }
    }
}
