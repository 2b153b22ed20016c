using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>Programs of ordinary users, without any capability, served by a running <c>tcpao run</c>.</summary>
public sealed class ServedTests
{
    private const string Anybody = "exec: { group: any }\n";
    private const ushort PolicyPort = 1790;

    [Fact]
    public void User_ThatIsNotAdmitted_IsTold()
    {
        using var lab = new ServedLab(open: false);
        foreach (string[] options in (string[][])[["--daemon", lab.PathOfA], []])
        {
            (int code, _, string errors) = ExecProgram.Run(lab.A, ServedLab.AsUser(65534), ["exec", .. options, "--", "true"]);
            Assert.Equal(125, code);
            Assert.Contains(options.Length > 0 ? "does not serve this user's programs" : "CAP_NET_ADMIN", errors, StringComparison.Ordinal);
            Assert.Equal(1, errors.Count(character => character == '\n'));
        }

        // root does not make a data plane beside the policy's
        (int own, _, string said) = ExecProgram.Run(lab.A, [], "exec", "--", "true");
        Assert.Equal(125, own);
        Assert.Contains("--daemon", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Users_UnderOneDaemon_KeepToTheirOwnKeys()
    {
        using var lab = new ServedLab(open: true);
        using ExecProgram client = lab.StartA();
        using ExecProgram server = lab.StartB(65534, "--proc");
        using ExecProgram other = lab.StartB(65533);
        Assert.Equal("(65534, 65533)", $"({server.Ask("os.getuid()")}, {other.Ask("os.getuid()")})");
        server.Do("l = listen('192.0.2.2', 5179, ('0.0.0.0', 1, 2))");
        other.Do("l = listen('192.0.2.2', 5180, ('0.0.0.0', 1, 2, 'theirs'))");
        client.Do("c = connect('192.0.2.2', 5179, ('0.0.0.0', 2, 1))");
        client.Do("d = connect('192.0.2.2', 5180, ('0.0.0.0', 2, 1, 'theirs'))");
        server.Do("s = l.accept()[0]");
        other.Do("s = l.accept()[0]");

        // neither reads, shadows or removes the other's
        Assert.Equal("['a secret of both ends']", server.Ask("secrets(l)"));
        Assert.Equal("['theirs']", other.Ask("secrets(l)"));
        Assert.Equal("EADDRINUSE", other.Ask("listen('192.0.2.2', 5179, ('0.0.0.0', 1, 2, 'theirs'))"));
        Assert.Equal("EADDRINUSE", other.Ask("listen('0.0.0.0', 5179, ('0.0.0.0', 1, 2, 'theirs'))"));
        Assert.Equal("ENOENT", other.Ask("delete(listen('192.0.2.2', 5181), '192.0.2.1', 1, 2)"));
        Assert.Equal("ETIMEDOUT", client.Ask("connect('192.0.2.2', 5179, ('0.0.0.0', 2, 1, 'theirs'), wait=1.5)"));
        Pass(client, "c", server);
        Pass(client, "d", other);
        Assert.Equal(0, other.Finish());
        Pass(client, "c", server);
        Assert.All(lab.Lab.Tap.OfPort(5179), segment => Assert.True(segment.HasAo, segment.ToString()));
        Assert.Equal(0, server.Finish());
        Assert.Equal(0, client.Finish());
    }

    [Fact]
    public void Peer_UnderAPolicy_KeepsIt()
    {
        using var lab = new ServedLab(open: true);
        using ExecProgram client = lab.StartA();
        using ExecProgram server = lab.StartB(65534);
        server.Do($"l = listen('0.0.0.0', {PolicyPort})");
        Assert.Equal("EKEYREJECTED", server.Ask("add(l, '192.0.2.1', 3, 3)"));

        // a key for any peer may be for others, and is not for this one
        server.Do("add(l, '0.0.0.0', 3, 3)");
        client.Do($"c = connect('192.0.2.2', {PolicyPort})");
        server.Do("s = l.accept()[0]");
        Pass(client, "c", server);
        Assert.Equal("ENOENT", server.Ask("info(s)"));
        Assert.Equal("EKEYREJECTED", client.Ask($"connect('192.0.2.2', {PolicyPort}, ('192.0.2.2', 3, 3))"));
        Assert.All(lab.Lab.Tap.OfPort(PolicyPort), segment => Assert.True(segment.HasAo && segment.KeyId is 61 or 84, segment.ToString()));
    }

    [Fact]
    public void Reload_WithAPeerMore_TakesItFromTheSockets()
    {
        using var lab = new ServedLab(open: true);
        using ExecProgram client = lab.StartA();
        using ExecProgram server = lab.StartB(65534);
        server.Do("l = listen('192.0.2.2', 5179)");
        server.Do("add(l, '192.0.2.1', 3, 3)");
        client.Do("c = connect('192.0.2.2', 5179, ('0.0.0.0', 3, 3))");
        server.Do("s = l.accept()[0]");
        Pass(client, "c", server);
        lab.Lab.RunB.Reload(ServedLab.Configuration(Lab.A4, isMirrored: true, Anybody, 5179));
        Assert.Equal("EKEYREJECTED", server.Ask("add(l, '192.0.2.1', 4, 4)"));

        // what began with the socket's keys does not go on with others, nor without
        server.Do("s.settimeout(1)");
        client.Do("c.sendall(b'y')");
        Assert.Contains(server.Ask("s.recv(1)"), (string[])["ETIMEDOUT", "ECONNABORTED", "ECONNRESET"]);
        server.Tell("s.sendall(b'z')");
        _ = server.Answer();
        lab.Lab.AssertUdpPasses(fromA: false);
        Assert.All(lab.Lab.Tap.OfPort(5179), segment => Assert.True(segment.HasAo, segment.ToString()));
        server.Do("l.close()");
        Assert.Equal("EKEYREJECTED", server.Ask("listen('192.0.2.2', 5179, ('192.0.2.1', 3, 3))"));
    }

    [Fact]
    public void Daemon_Killed_LetsNothingUnsignedOut()
    {
        using var lab = new ServedLab(open: true);
        using ExecProgram client = lab.StartA();
        using ExecProgram server = lab.StartB(65534);
        server.Do("l = listen('192.0.2.2', 5179, ('0.0.0.0', 1, 2))");
        client.Do("c = connect('192.0.2.2', 5179, ('0.0.0.0', 2, 1))");
        server.Do("s = l.accept()[0]");
        Pass(client, "c", server);
        lab.Lab.RunA.Kill();
        int before = lab.Lab.Tap.Segments.Count(segment => segment.Source.Equals(Lab.A4));
        client.Do("c.sendall(b'y' * 1000)");
        Assert.Equal("ENOSYS", client.Ask("info(c)"));
        Assert.Equal("ENOSYS", client.Ask("connect('192.0.2.2', 5179)"));
        lab.Lab.AssertUdpPasses();
        Assert.Equal(before, lab.Lab.Tap.Segments.Count(segment => segment.Source.Equals(Lab.A4)));
        client.Finish();
        Assert.Equal(0, lab.Lab.RunA.Release().ExitCode);
    }

    [Fact]
    public void Trace_OfTheDaemon_TellsOfAUsersSockets()
    {
        using var lab = new ServedLab(open: true);
        using var trace = new TraceProcess(lab.B, lab.Lab.RunB.ControlPath, "--event", "tcp_ao_mismatch", "--count", "1");
        using ExecProgram client = lab.StartA();
        using ExecProgram server = lab.StartB();
        server.Do("l = listen('192.0.2.2', 5179, ('0.0.0.0', 1, 2))");
        Assert.Equal("ETIMEDOUT", client.Ask("connect('192.0.2.2', 5179, ('0.0.0.0', 2, 1, 'theirs'), wait=1.5)"));
        Assert.Equal(5179, trace.FinishWithOne().GetProperty("destination-port").GetInt32());
    }

    private static void Pass(ExecProgram client, string socket, ExecProgram server)
    {
        client.Do($"{socket}.sendall(b'x' * 3000)");
        Assert.Equal(3000, server.Number("len(receive(s, 3000))"));
    }
}
