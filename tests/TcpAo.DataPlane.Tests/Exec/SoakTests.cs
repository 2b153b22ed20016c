using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>Many keys and many connections leave nothing behind: not a socket, not a connection, not an element of the rules.</summary>
public sealed class SoakTests
{
    [Fact]
    public void Listeners_AThousandAndTenThousandAccepted_LeaveNothing()
    {
        using var host = Host.Create();
        using var program = new InnerProgram(host,
            """
            resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
            many = [listen('127.0.0.1', 10000 + n, ('127.0.%d.%d' % (1 + n // 250, 1 + n % 250), 1, 2), ('0.0.0.0', 3, 4)) for n in range(1000)]
            step(1)
            for one in many: one.close()
            step(2)
            l = listen('127.0.0.1', 5179, ('127.0.0.1', 1, 2), backlog=2000)
            for batch in range(10):
                clients, accepted = [], []
                for n in range(1000):
                    clients.append(connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1)))
                    accepted.append(l.accept()[0])
                    if n % 3 == 0: accepted[-1].sendall(b'x'); clients[-1].recv(1)
                    if n % 5 == 0: info(accepted[-1])
                if batch == 0: step(3)
                for one in (clients + accepted if batch % 2 else accepted + clients): one.close()
                say('batch', batch)
            l.close()
            """);
        program.WaitForStep(1);
        Assert.Equal((1000, 0, 0, 3000), program.Plane.Count());
        program.GoOn(1);
        program.WaitForStep(2);
        Wait.Until(() => program.Plane.Count().Sockets == 0, "the listeners' keys were gone");
        program.GoOn(2);
        program.WaitForStep(3);
        (int sockets, int owned, int connections, _) = program.Plane.Count();
        Assert.Equal((2001, 2000, 2000), (sockets, owned, connections));
        program.GoOn(3);
        program.Finish();
        Wait.Until(() => program.Plane.Count() is { Sockets: 0, OwnedConnections: 0 }, "no socket was left");

        // what is closed is signed and verified for two minutes more
        Assert.NotEqual(0, program.Plane.Count().Connections);
        program.Time.Advance(TimeSpan.FromSeconds(125));
        Wait.Until(() => program.Plane.Count().Connections == 0, "no connection was left");

        // and to a closed listener's port peers repeat a SYN for as long
        Wait.Until(
            () =>
            {
                program.Time.Advance(TimeSpan.FromSeconds(5));
                return program.Plane.Count() == (0, 0, 0, 0);
            },
            "nothing was left in the rules");
        Assert.DoesNotContain(program.Log, line => line.Contains("failed", StringComparison.Ordinal));
    }

    [Fact]
    public void Namespaces_ThatAreLeft_AreNotHeld()
    {
        const int Namespaces = 25;
        using var host = Host.Create();
        using var program = new InnerProgram(host,
            $"""
            for n in range({Namespaces}):
                call(libc.unshare, 0x40000000)
                s = tcp('0.0.0.0')
                add(s, '192.0.2.1', 1, 2)
                say(secrets(s))
                s.close()
                step(n)
            """);
        for (int n = 0; n < Namespaces; n++)
        {
            program.WaitForStep(n);
            Assert.InRange(program.Planes.Count, 2, 3);
            Wait.Until(() => program.Planes.All(plane => plane.IsIdle), "the socket was gone");
            program.GoOn(n);
        }

        program.Finish();
        Assert.Equal(Namespaces, program.Output.Split("['a secret of both ends']").Length - 1);
    }

    [Fact]
    public void Children_ThatTheKernelGaveUp_AreForgotten()
    {
        using var host = Host.Create();
        using var program = new InnerProgram(host,
            """
            l = listen('127.0.0.1', 5179, ('127.0.0.1', 1, 2))
            held = connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1))
            kept = l.accept()[0]
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            kept.close()
            waiting = connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1))
            l.close()
            step(1)
            say(info(held)[:2], state(held))
            """);
        program.WaitForStep(1);

        // the program holds two sockets whose connections were reset: no event tells of them
        for (int round = 0; round < 3; round++)
        {
            program.Time.Advance(TimeSpan.FromSeconds(31));
            Thread.Sleep(1100);
        }

        program.Time.Advance(TimeSpan.FromSeconds(125));
        Wait.Until(() => program.Plane.Count() is { OwnedConnections: 0, Connections: 0 }, "connections that were reset were forgotten");
        Assert.Equal(2, program.Plane.Count().Sockets);
        program.GoOn(1);
        program.Finish();
        Assert.Contains("(2, 1) 7", program.Output, StringComparison.Ordinal);
    }
}
