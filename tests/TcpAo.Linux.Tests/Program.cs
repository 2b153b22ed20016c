using TcpAo.Linux.Tests.Seccomp;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace TcpAo.Linux.Tests;

/// <summary>The entry point that xunit would write itself, and one more: a supervisor in a process of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [SupervisorProcess.Verb, ..])
        {
            return await SupervisorProcess.RunAsync(args[1..]);
        }

        return args.Any(argument => argument is "-automated" or "@@")
            ? await ConsoleRunner.Run(args)
            : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
