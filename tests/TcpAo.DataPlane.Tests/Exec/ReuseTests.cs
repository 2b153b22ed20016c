using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>Sockets on their less trodden ways: used again, bound late, closed early, shared.</summary>
public sealed class ReuseTests
{
    private const string Unspecified = "call(libc.connect, c.fileno(), bytes(16), 16)";

    [Fact]
    public void Socket_DisconnectedAndConnectedAgain_KeepsItsKeys()
    {
        using var lab = new Lab();
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A);
        server.Do("l = listen('192.0.2.2', 179, ('192.0.2.1', 1, 2))");
        client.Do("c = connect('192.0.2.2', 179, ('192.0.2.2', 2, 1))");
        for (int i = 0; i < 3; i++)
        {
            server.Do("s = l.accept()[0]");
            client.Do("c.sendall(b'x' * 1000)");
            Assert.Equal(1000, server.Number("len(receive(s, 1000))"));
            Assert.Equal("0", client.Ask(Unspecified));
            Assert.Equal("7", client.Ask("state(c)"));
            client.Do("c.connect(('192.0.2.2', 179))");
            Assert.Equal("(2, 1)", client.Ask("info(c)[:2]"));
        }

        // an attempt that comes to nothing, and the same socket again
        server.Do("n = listen('192.0.2.2', 180, ('192.0.2.1', 1, 2, 'another'))");
        Assert.Equal("0", client.Ask(Unspecified));
        client.Do("c.settimeout(1)");
        Assert.Equal("ETIMEDOUT", client.Ask("c.connect(('192.0.2.2', 180))"));
        Assert.Equal("0", client.Ask(Unspecified));
        client.Do("c.settimeout(20)");
        client.Do("c.connect(('192.0.2.2', 179))");
        Assert.All(lab.Tap.Segments, segment => Assert.True(segment.HasAo, segment.ToString()));
    }

    [Fact]
    public void Listener_WithoutAPortOrWithAFriend_IsProtected()
    {
        using var lab = new Lab();
        using var tap = new WireTap(lab.A);
        using ExecProgram program = ExecProgram.Start(lab.A);
        program.Do("l = socket.socket(); add(l, '0.0.0.0', 1, 2); l.listen()");
        program.Do("c = connect('127.0.0.1', l.getsockname()[1], ('127.0.0.1', 2, 1))");
        program.Do("s = l.accept()[0]");
        Assert.Equal("(1, 2)", program.Ask("info(s)[:2]"));
        program.Do(
            """
            def shared():
                one = socket.socket()
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                one.bind(('127.0.0.1', 5179))
                add(one, '127.0.0.1', 1, 2)
                one.listen()
                one.settimeout(0.2)
                return one
            friends = [shared(), shared(), shared()]
            clients = [connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1)) for _ in range(12)]
            children = []
            for friend in friends:
                try:
                    while True: children.append(friend.accept()[0])
                except socket.timeout: pass
            """);
        Assert.Equal("[(1, 2)] * 12 ", $"{program.Ask("'[(1, 2)] * %d ' % len([x for x in children if info(x)[:2] == (1, 2)])").Trim('\'')}");
        Assert.Equal("ETIMEDOUT", program.Ask("connect('127.0.0.1', 5179, wait=1.5)"));
        program.Do("friends[0].close()");
        program.Do("friends[2].close()");
        program.Do("connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1)).close()");
        program.Do("friends[1].accept()[0].close()");
        Assert.Equal("ETIMEDOUT", program.Ask("connect('127.0.0.1', 5179, wait=1.5)"));
        Assert.All(tap.OfPort(5179).Where(segment => segment.SourcePort == 5179), segment => Assert.True(segment.HasAo, segment.ToString()));
    }

    [Fact]
    public void Listener_ClosedWithConnectionsThatWait_EndsThemSigned()
    {
        using var lab = new Lab();
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A);
        server.Do("l = listen('192.0.2.2', 179, ('192.0.2.1', 1, 2))");
        client.Do("all = [connect('192.0.2.2', 179, ('192.0.2.2', 2, 1)) for _ in range(5)]");
        client.Do("all[0].sendall(b'x' * 5000)");
        server.Do("delete(l, '192.0.2.1', 1, 2)");
        server.Do("s = l.accept()[0]");
        Assert.Equal(5000, server.Number("len(receive(s, 5000))"));
        Assert.Equal("(1, 2)", server.Ask("info(s)[:2]"));
        server.Do("l.close()");
        Assert.Equal("ECONNRESET", client.Ask("all[1].recv(1)"));
        server.Do("s.sendall(b'y')");
        Assert.Equal("b'y'", client.Ask("all[0].recv(1)"));
        Assert.All(lab.Tap.Segments, segment => Assert.True(segment.HasAo, segment.ToString()));

        // a listener whose listen() fails takes nothing from the one that has the port
        server.Do("l = listen('192.0.2.2', 1179, ('192.0.2.1', 1, 2))");
        Assert.Equal("EADDRINUSE", server.Ask("listen('192.0.2.2', 1179, ('192.0.2.1', 3, 4))"));
        client.Do("c = connect('192.0.2.2', 1179, ('192.0.2.2', 2, 1))");
    }

    [Fact]
    public void Peer_OfALinkLocalAddress_IsProtected()
    {
        using var lab = new Lab();
        lab.A.Space.Run(() => RouteSocket.Use(route => route.AddAddress(Lab.Link, System.Net.IPAddress.Parse("fe80::59:a"), 64)));
        lab.B.Space.Run(() => RouteSocket.Use(route => route.AddAddress(Lab.Link, System.Net.IPAddress.Parse("fe80::59:b"), 64)));
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A);
        server.Do("l = listen('::', 179, ('fe80::59:a', 1, 2))");
        client.Do("c = tcp('::')");
        client.Do("add(c, 'fe80::59:b', 2, 1)");
        client.Do("c.connect(('fe80::59:b', 179, 0, socket.if_nametoindex('wire')))");
        server.Do("s = l.accept()[0]");
        client.Do("c.sendall(b'x' * 3000)");
        Assert.Equal(3000, server.Number("len(receive(s, 3000))"));
        Assert.Equal("(2, 1)", client.Ask("info(c)[:2]"));
        Assert.Equal("(1, 2)", server.Ask("info(s)[:2]"));
        Assert.All(lab.Tap.OfPort(179), segment => Assert.True(segment.HasAo, segment.ToString()));
    }
}
