using System.CommandLine;
using System.CommandLine.Help;
using TcpAo.Cli.Commands;
using TcpAo.Cli.Commands.Fleet;
using TcpAo.Cli.Commands.Keys;
using TcpAo.Cli.Output;
using TcpAo.Crypto;
using TcpAo.Linux.Crypto;

namespace TcpAo.Cli;

/// <summary>The command line: finds the verb, runs it, maps what went wrong to an exit code.</summary>
internal static class Program
{
    public static int Main(string[] args) => Run(args, StandardOutput.Open);

    /// <summary>The same with data going elsewhere than to standard output.</summary>
    internal static int Run(string[] args, Func<Stream> openOutput)
    {
        BlockFunctions.Current ??= LibCrypto.TryCreate();

        var exec = new ExecCommand();

        // not a RootCommand, which takes its name from the assembly
        var root = new Command("tcpao", "TCP-AO (RFC 5925) for any program on any Linux")
        {
            new LabCommand(openOutput),
            new RunCommand(),
            exec,
            new ShowCommand(openOutput),
            new TraceCommand(openOutput),
            new ReloadCommand(openOutput),
            new DoctorCommand(openOutput),
            new KeysCommand(openOutput),
            new FleetCommand(openOutput),
            new VerifyCommand(openOutput),
            new BenchCommand(openOutput),
        };
        root.Add(new HelpOption());
        root.Add(new VersionOption());
        ParseResult parsed = root.Parse(exec.TakeProgram(args));
        if (parsed.Errors.Count > 0)
        {
            Command command = parsed.CommandResult.Command;
            foreach (string message in Messages(parsed, command == root))
            {
                Console.Error.WriteLine($"tcpao: {message}");
            }

            Console.Error.WriteLine($"tcpao: see '{(command == root ? "tcpao" : $"tcpao {command.Name}")} --help'");
            return ExitCodes.Usage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UserErrorException error)
        {
            Console.Error.WriteLine($"tcpao: {error.Message}");
            return error.ExitCode;
        }
        catch (IOException error) when (IsBrokenPipe(error))
        {
            // the reader of our output has what it wanted
            return ExitCodes.Success;
        }
#pragma warning disable CA1031 // the last resort: an exit code of its own instead of a stack trace
        catch (Exception error)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine($"tcpao: internal error: {error.GetType().Name}: {error.Message}");
            if (Environment.GetEnvironmentVariable("TCPAO_DEBUG") is not null)
            {
                Console.Error.WriteLine(error.StackTrace);
            }

            return ExitCodes.Internal;
        }
    }

    /// <summary>What is wrong with the command line. One unknown word is enough: what is missing because of it is not worth a line.</summary>
    private static IEnumerable<string> Messages(ParseResult parsed, bool hasNoVerb)
    {
        if (parsed.UnmatchedTokens.Count == 0)
        {
            return hasNoVerb ? ["a command is missing, such as 'verify'"] : parsed.Errors.Select(error => error.Message);
        }

        string word = parsed.UnmatchedTokens[0];
        return [word.StartsWith('-') ? $"there is no option '{word}'" : hasNoVerb ? $"there is no command '{word}'" : $"'{word}' is one argument too many"];
    }

    private static bool IsBrokenPipe(IOException error) => (error.HResult & 0xFFFF) == 32;
}
