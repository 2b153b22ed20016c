using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>Who may: CAP_NET_ADMIN in the network namespace, or a namespace of one's own.</summary>
public sealed class PrivilegeTests
{
    [Fact]
    public void User_WithoutCapability_IsToldWhatIsMissing()
    {
        using var lab = new Lab();
        (int code, string output, string errors) = ExecProgram.Run(lab.A, ServedLab.AsUser(65534), "exec", "--", "true");
        Assert.Equal((125, string.Empty), (code, output));
        Assert.Contains("CAP_NET_ADMIN", errors, StringComparison.Ordinal);
        Assert.Equal(1, errors.Count(character => character == '\n'));
    }

    [Fact]
    public void User_InANamespaceOfItsOwn_NeedsNoRoot()
    {
        using var lab = new Lab();
        string[] before = [.. ServedLab.AsUser(65534), "unshare", "--user", "--map-root-user", "--net"];
        Assert.SkipUnless(ExecProgram.Run(lab.A, before, "--version").Code == 0, "unprivileged user namespaces are not allowed here");
        using ExecProgram program = ExecProgram.StartAs(lab.A, before, "--proc");
        program.Do(
            """
            import fcntl
            fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH22x', b'lo', 0x1 | 0x40))
            """);
        program.Do("l = listen('127.0.0.1', 5179, ('127.0.0.1', 1, 2))");
        program.Do("c = connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1))");
        program.Do("s = l.accept()[0]");
        program.Do("c.sendall(b'x' * 1000)");
        Assert.Equal(1000, program.Number("len(receive(s, 1000))"));
        Assert.True(program.Number("counters()['TCPAOGood']") > 2);
        Assert.Equal("ETIMEDOUT", program.Ask("connect('127.0.0.1', 5179, wait=1.5)"));
        Assert.Equal(0, program.Finish());
    }
}
