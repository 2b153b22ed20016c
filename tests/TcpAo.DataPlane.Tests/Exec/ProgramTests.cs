using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>What a program under <c>tcpao exec</c> keeps of its own, and how its end and ours are told apart (docs/reference/exit-codes.md).</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 125", 125)]
    [InlineData("kill -TERM $$", 128 + 15)]
    [InlineData("kill -KILL $$", 128 + 9)]
    public void Program_Ended_GivesItsOwnCode(string script, int expected)
    {
        using var lab = new Lab();
        Assert.Equal((expected, string.Empty, string.Empty), ExecProgram.Run(lab.A, [], "exec", "--", "sh", "-c", script));
    }

    [Theory]
    [InlineData(127, "no such program", "exec", "--", "/no/such/program")]
    [InlineData(126, "cannot be executed", "exec", "--", "/etc/passwd")]
    [InlineData(125, "exec needs a program", "exec")]
    [InlineData(125, "exec needs a program", "exec", "--proc", "--")]
    [InlineData(125, "0 to 3600 seconds", "exec", "--linger", "4000", "--", "true")]
    [InlineData(125, "--log", "exec", "--log", "/no/such/folder/log", "--", "true")]
    [InlineData(125, "/no/such/socket", "exec", "--daemon", "/no/such/socket", "--", "true")]
    public void Exec_ThatRunsNothing_SaysWhyInOneLine(int expected, string reason, params string[] arguments)
    {
        using var lab = new Lab();
        (int code, string output, string errors) = ExecProgram.Run(lab.A, [], arguments);
        Assert.Equal((expected, string.Empty), (code, output));
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.Equal(1, errors.Count(character => character == '\n'));
        Assert.StartsWith("tcpao: no 'exec'", ExecProgram.Run(lab.A, [], "exec", "--release").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_OfTheProgram_AreNotLookedAt()
    {
        using var lab = new Lab();
        string[] given = ["--", "--help", "-h", "@/etc/passwd", "--proc", "", "a b", "[suggest]", "--release", "ä"];
        (int code, string output, string errors) = ExecProgram.Run(lab.A, [], ["exec", "--proc", "--", "sh", "-c", "printf '%s\\n' \"$0\" \"$@\"", "name", .. given]);
        Assert.Equal((0, string.Empty), (code, errors));
        Assert.Equal(["name", .. given], output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Environment_AndStandardInput_AreThoseOfTheCaller()
    {
        using var lab = new Lab();
        Assert.SkipUnless(File.Exists("/usr/bin/env"), "env is not installed");
        string[] clean = ["/usr/bin/env", "-i", $"PATH={System.Environment.GetEnvironmentVariable("PATH")}", "HOME=/", "ONE=1", "TWO=a b"];
        (int code, string output, _) = ExecProgram.Run(lab.A, clean, "exec", "--", "/usr/bin/env");
        Assert.Equal(0, code);
        Assert.Equal(["HOME=/", "ONE=1", "TWO=a b"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("PATH=", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        using ExecProgram program = ExecProgram.Start(lab.A);
        Assert.Equal($"[{program.Id}, '/']", program.Ask("[os.getppid(), os.path.realpath('/')]"));
        Assert.Equal("True", program.Ask("all(signal.getsignal(s) == signal.SIG_DFL for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)) and signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()"));

        // none of ours: no socket, queue or listener of calls
        Assert.Equal("[]", program.Ask("[n for n in os.listdir('/proc/self/fd') if os.path.lexists('/proc/self/fd/' + n) and os.readlink('/proc/self/fd/' + n).startswith(('socket:', 'anon_inode:'))]"));
        Assert.Equal(0, program.Finish());
    }
}
