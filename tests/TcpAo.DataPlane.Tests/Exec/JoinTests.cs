using System.Diagnostics;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>A .NET program of an ordinary user that asks the daemon itself, without <c>exec</c> around it.</summary>
public sealed class JoinTests
{
    private const int LongestMilliseconds = 300_000;

    [Fact]
    [Trait("Requirement", "R-054")]
    [Trait("Requirement", "R-055")]
    [Trait("Requirement", "R-056")]
    public void Matrix_OfAnOrdinaryUserThatJoined_PassesInEveryRow()
    {
        using var lab = new ServedLab(open: true);
        lab.A.Space.Run(() => RouteSocket.Use(route =>
        {
            for (int host = 1; host <= 3; host++)
            {
                route.AddAddress("lo", System.Net.IPAddress.Parse($"2001:db8:59::{host}"), 128);
            }
        }));
        (int code, string[] lines, string errors) = Run(lab, "sockets", "--daemon", lab.PathOfA);
        Assert.All(lines[..^1], line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
        Assert.Matches(@"^(\d+) of \1 rows passed, ports and received ids by tcpao, answered by Daemon,", lines[^1]);
        Assert.Equal((0, string.Empty), (code, errors));
    }

    [Fact]
    public void Program_ThatIsNotAdmitted_IsTold()
    {
        using var lab = new ServedLab(open: false);
        (int code, _, string errors) = Run(lab, "sockets", "--daemon", lab.PathOfA);
        Assert.NotEqual(0, code);
        Assert.Contains("does not serve this user's programs", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Daemon_Killed_LeavesTheProgramWithoutKeysAndSilent()
    {
        using var lab = new ServedLab(open: true);
        using ExecProgram server = lab.StartB();
        server.Do("l = listen('192.0.2.2', 5179, ('0.0.0.0', 1, 2))");
        using Process process = Start(lab, "joined", lab.PathOfA, "192.0.2.2", "5179");
        try
        {
            string? first = Wait.ForResult(process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());
            Assert.True(first is "connected Daemon", first ?? process.StandardError.ReadToEnd());
            server.Do("s = l.accept()[0]");
            Assert.Equal(5, server.Number("len(receive(s, 5))"));
            lab.Lab.RunA.Kill();
            int before = lab.Lab.Tap.Segments.Count(segment => segment.Source.Equals(Lab.A4));
            process.StandardInput.WriteLine();
            Assert.Equal("NotSupported ENOSYS", Wait.ForResult(process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()));
            Assert.StartsWith("connect Unknown socket error", Wait.ForResult(process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()), StringComparison.Ordinal);
            lab.Lab.AssertUdpPasses();
            Assert.Equal(before, lab.Lab.Tap.Segments.Count(segment => segment.Source.Equals(Lab.A4)));
            Assert.All(lab.Lab.Tap.OfPort(5179), segment => Assert.True(segment.HasAo, segment.ToString()));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }

        Assert.Equal(0, lab.Lab.RunA.Release().ExitCode);
    }

    /// <summary>The program of the socket matrix, beside this one.</summary>
    private static Process Start(ServedLab lab, params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.Combine(here.Parent!.Parent!.FullName, "TcpAo.Linux.Tests", here.Name, "TcpAo.Linux.Tests.dll");
        Assert.SkipUnless(File.Exists(program), "TcpAo.Linux.Tests is not built");
        string[] words = [.. ServedLab.AsUser(65534), "dotnet", program, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return lab.A.Space.Run(() => Process.Start(start)!);
    }

    private static (int Code, string[] Lines, string Errors) Run(ServedLab lab, params string[] arguments)
    {
        using Process process = Start(lab, arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.True(process.WaitForExit(LongestMilliseconds), "the program was not over in time");
            return (process.ExitCode, Wait.ForResult(output).Split('\n', StringSplitOptions.RemoveEmptyEntries), Wait.ForResult(errors));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
