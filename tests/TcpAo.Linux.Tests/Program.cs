using TcpAo.Linux.Tests.Seccomp;
using TcpAo.Linux.Tests.Sockets.Matrix;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace TcpAo.Linux.Tests;

/// <summary>The entry point that xunit would write itself, and more: a supervisor in a process of its own, the matrix of the socket API, and a program that joins a daemon.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [SupervisorProcess.Verb, ..])
        {
            return await SupervisorProcess.RunAsync(args[1..]);
        }

        if (args is [SocketProgram.Verb, ..])
        {
            return await SocketProgram.RunAsync(args[1..]);
        }

        if (args is [JoinedProgram.Verb, ..])
        {
            return JoinedProgram.Run(args[1..]);
        }

        return args.Any(argument => argument is "-automated" or "@@")
            ? await ConsoleRunner.Run(args)
            : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
