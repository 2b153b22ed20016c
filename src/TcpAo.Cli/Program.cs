using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using TcpAo.Cli.Commands;

namespace TcpAo.Cli;

/// <summary>The command line: finds the verb, runs it, maps what went wrong to an exit code.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        // not a RootCommand, which takes its name from the assembly
        var root = new Command("tcpao", "TCP-AO (RFC 5925) for any program on any Linux") { new VerifyCommand() };
        root.Add(new HelpOption());
        root.Add(new VersionOption());
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
            {
                Console.Error.WriteLine($"tcpao: {error.Message}");
            }

            Command command = parsed.CommandResult.Command;
            Console.Error.WriteLine($"tcpao: see '{(command == root ? "tcpao" : $"tcpao {command.Name}")} --help'");
            return ExitCodes.Usage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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

    private static bool IsBrokenPipe(IOException error) => (error.HResult & 0xFFFF) == 32;
}
