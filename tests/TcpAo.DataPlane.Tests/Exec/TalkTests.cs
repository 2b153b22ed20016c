using TcpAo.DataPlane.Tests.Support;
using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>Programs that set keys on their sockets, each under <c>tcpao exec</c> with a data plane of its own.</summary>
public sealed class TalkTests
{
    private const string Keys =
        """
        key-chains:
          - name: c
            keys:
              - { id: 1, send-id: 1, recv-id: 2, secret: "a secret of both ends" }
        """;

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", 32)]
    [InlineData("2001:db8::1", "2001:db8::2", 128)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", 32)]
    public void Connection_OfTwoPrograms_IsSignedAndRightOnTheWire(string a, string b, int prefix)
    {
        using var lab = new Lab();
        using var wire = new WireCapture(lab.B.Space);
        string keys = Path.Combine(Path.GetDirectoryName(lab.RunA.ConfigurationPath)!, "keys.yaml");
        File.WriteAllText(keys, Keys);
        using ExecProgram server = ExecProgram.Start(lab.B, "--proc");
        using ExecProgram client = ExecProgram.Start(lab.A, "--proc");
        server.Do($"l = listen('{b}', 179, ('{a}', 1, 2, SECRET, {prefix}))");
        client.Do($"c = connect('{b}', 179, ('{b}', 2, 1, SECRET, {prefix}))");
        server.Do("s = l.accept()[0]");
        client.Do("c.sendall(b'x' * 100000)");
        Assert.Equal(100_000, server.Number("len(receive(s, 100000))"));
        server.Do("s.sendall(b'y' * 50000)");
        Assert.Equal(50_000, client.Number("len(receive(c, 50000))"));
        Assert.StartsWith("(2, 1, ", client.Ask("info(c)"), StringComparison.Ordinal);
        Assert.StartsWith("(1, 2, ", server.Ask("info(s)"), StringComparison.Ordinal);
        Assert.True(client.Number("info(c)[2]") > 10);
        Assert.Equal("[0, 0, 0, 0]", client.Ask("list(info(c)[3:])"));
        Assert.True(server.Number("counters()['TCPAOGood']") >= server.Number("info(s)[2]"));
        client.Do("c.close()");
        Assert.Equal("b''", server.Ask("s.recv(1)"));
        server.Do("s.close()");
        Assert.Equal(0, client.Finish());
        Assert.Equal(0, server.Finish());
        Assert.Contains(wire.AssertValid(keys, 179, 0), report => report.ToString().Contains(":179", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_WithoutTheRightKey_IsRefusedAndCounted(bool isIPv6)
    {
        using var lab = new Lab();
        string a = Lab.AddressOfA(isIPv6).ToString();
        string b = Lab.AddressOfB(isIPv6).ToString();
        using ExecProgram server = ExecProgram.Start(lab.B, "--proc");
        using ExecProgram client = ExecProgram.Start(lab.A);
        server.Do($"l = listen('{b}', 179, ('{a}', 1, 2))");
        server.Do($"n = listen('{b}', 180)");

        // keys for others: at once, and nothing is sent
        Assert.Equal("EKEYREJECTED", client.Ask($"connect('{b}', 179, ('{a}', 2, 1))"));
        Assert.Empty(lab.Tap.Segments);
        Assert.Equal("ETIMEDOUT", client.Ask($"connect('{b}', 179, ('{b}', 2, 1, 'wrong'), wait=1.5)"));
        Assert.Equal("(0, 0, 0)", server.Ask("tuple(counters()[n] for n in ('TCPAOGood', 'TCPAOKeyNotFound', 'TCPAORequired'))"));
        Assert.True(server.Number("counters()['TCPAOBad']") > 0);
        Assert.Equal("ETIMEDOUT", client.Ask($"connect('{b}', 179, ('{b}', 7, 1), wait=1.5)"));
        Assert.True(server.Number("counters()['TCPAOKeyNotFound']") > 0);
        Assert.Equal("ETIMEDOUT", client.Ask($"connect('{b}', 179, wait=1.5)"));
        Assert.True(server.Number("counters()['TCPAORequired']") > 0);

        // a listener of a supervised program that has no keys
        long unknown = server.Number("counters()['TCPAOKeyNotFound']");
        Assert.Equal("ETIMEDOUT", client.Ask($"connect('{b}', 180, ('{b}', 2, 1), wait=1.5)"));
        Assert.True(server.Number("counters()['TCPAOKeyNotFound']") > unknown);
        Assert.DoesNotContain(lab.Tap.Segments, segment => segment.SourcePort is 179 or 180);
        client.Do($"c = connect('{b}', 180)");
        server.Do("s = n.accept()[0]");
    }

    [Fact]
    public void Connection_InOneNamespaceAndToItself_IsSignedAtBothEnds()
    {
        using var lab = new Lab();
        using var tap = new WireTap(lab.A);
        using ExecProgram program = ExecProgram.Start(lab.A);
        program.Do("l = listen('127.0.0.1', 5179, ('127.0.0.1', 1, 2))");
        program.Do("c = connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1))");
        program.Do("s = l.accept()[0]");
        program.Do("c.sendall(b'x' * 30000)");
        Assert.Equal(30_000, program.Number("len(receive(s, 30000))"));
        Assert.Equal("(2, 1)", program.Ask("info(c)[:2]"));
        Assert.Equal("(1, 2)", program.Ask("info(s)[:2]"));

        program.Do("q = tcp('::1', 7000)");
        program.Do("add(q, '::1', 5, 5)");
        program.Do("q.connect(('::1', 7000))");
        program.Do("q.sendall(b'me')");
        Assert.Equal("b'me'", program.Ask("q.recv(10)"));
        Assert.Equal("(5, 5)", program.Ask("info(q)[:2]"));
        Assert.NotEmpty(tap.OfPort(7000));
        Assert.All((IEnumerable<SeenSegment>)[.. tap.OfPort(5179), .. tap.OfPort(7000)], segment => Assert.True(segment.HasAo, segment.ToString()));
    }

    [Fact]
    public void Programs_OfTwoSupervisorsInOneNamespace_KeepToTheirOwnKeys()
    {
        using var lab = new Lab();
        using ExecProgram one = ExecProgram.Start(lab.A);
        using ExecProgram two = ExecProgram.Start(lab.A);
        one.Do("l = listen('127.0.0.1', 5179, ('127.0.0.1', 1, 2))");
        two.Do("l = listen('127.0.0.1', 5180, ('127.0.0.1', 1, 2, 'theirs'))");
        two.Do("c = connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1))");
        one.Do("s = l.accept()[0]");
        one.Do("c = connect('127.0.0.1', 5180, ('127.0.0.1', 2, 1, 'theirs'))");
        two.Do("s = l.accept()[0]");
        foreach ((ExecProgram from, ExecProgram to) in new[] { (one, two), (two, one) })
        {
            from.Do("c.sendall(b'x' * 1000)");
            Assert.Equal(1000, to.Number("len(receive(s, 1000))"));
        }

        Assert.Equal(0, one.Finish());
        two.Do("c2 = listen('127.0.0.1', 5181, ('127.0.0.1', 1, 2))");
        two.Do("c3 = connect('127.0.0.1', 5181, ('127.0.0.1', 2, 1))");
        Assert.Equal(0, two.Finish());
    }
}
