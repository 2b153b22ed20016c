using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>The supervisor is killed, or the program ends: nothing unsigned leaves either way.</summary>
public sealed class DeathTests
{
    private const string Prefix = "tcpao-exec-";

    [Fact]
    public void Supervisor_Killed_LetsNothingUnsignedOutAndEverythingElseFlows()
    {
        using var lab = new Lab();
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A);
        server.Do("l = listen('192.0.2.2', 179, ('192.0.2.1', 1, 2))");
        client.Do("c = connect('192.0.2.2', 179, ('192.0.2.2', 2, 1))");
        server.Do("s = l.accept()[0]");
        client.Do("c.sendall(b'x' * 1000)");
        Assert.Equal(1000, server.Number("len(receive(s, 1000))"));
        client.Kill();
        int before = SentByA(lab);

        // the program lives on, and is told
        client.Do("c.sendall(b'y' * 1000)");
        Assert.Equal("ENOSYS", client.Ask("add(c, '192.0.2.2', 7, 7)"));
        Assert.Equal("ENOSYS", client.Ask("info(c)"));
        Assert.Equal("ENOSYS", client.Ask("connect('192.0.2.2', 180)"));
        Assert.Equal("ENOSYS", client.Ask("listen('192.0.2.1', 180)"));
        server.Do("s.sendall(b'z')");
        client.Do("c.close()");
        lab.AssertUdpPasses();
        Transfer.Run(lab.A, lab.B, Lab.B4, 1790, 100_000);
        Transfer.Run(lab.B, lab.A, Lab.A6, 179, 100_000);
        Assert.Equal(before, SentByA(lab));

        // whoever comes next does not take the dead one's queue, and gets nothing past its rules
        string[] left = Tables(lab);
        Assert.Single(left);
        using (ExecProgram next = ExecProgram.Start(lab.A))
        {
            Assert.Equal(2, Tables(lab).Length);
            Assert.Equal("ETIMEDOUT", next.Ask("connect('192.0.2.2', 179, ('192.0.2.2', 2, 1), wait=1.5)"));
            Assert.Equal(before, SentByA(lab));
            AssertDoctor(lab, left[0]);

            // the kernel still has data of the dead one's program to send
            (int refused, _, string why) = ExecProgram.Run(lab.A, [], "exec", "--release");
            Assert.Equal(1, refused);
            Assert.Contains("192.0.2.2:179", why, StringComparison.Ordinal);
            Assert.Contains(left[0], ExecProgram.Run(lab.A, [], "exec", "--release", "--force").Errors, StringComparison.Ordinal);
            Assert.Single(Tables(lab));
            Assert.Equal(before, SentByA(lab));
            next.Do("c = connect('192.0.2.2', 179, ('192.0.2.2', 2, 1))");
            Assert.Equal(0, next.Finish());
        }

        Assert.Empty(Tables(lab));
        AssertDoctor(lab, null);
    }

    [Fact]
    public void Release_WhileThePrograms_SocketsLive_IsRefusedUnlessForced()
    {
        using var lab = new Lab();
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A);
        long process = client.Number("os.getpid()");
        server.Do("l = listen('192.0.2.2', 179, ('192.0.2.1', 1, 2))");
        client.Do("c = connect('192.0.2.2', 179, ('192.0.2.2', 2, 1))");
        client.Do("m = listen('192.0.2.1', 180, ('192.0.2.2', 1, 2))");
        server.Do("s = l.accept()[0]");
        client.Kill();
        int before = SentByA(lab);
        (int code, _, string errors) = ExecProgram.Run(lab.A, [], "exec", "--release");
        Assert.Equal(1, code);
        Assert.Contains($"held by process {process}. ", errors, StringComparison.Ordinal);
        Assert.Contains("unsigned without the rules: 2, such as", errors, StringComparison.Ordinal);
        Assert.Single(Tables(lab));

        // what is ended says nothing unsigned, and nobody unsigned is let in
        Assert.Equal(0, ExecProgram.Run(lab.A, [], "exec", "--release", "--force").Code);
        Assert.Empty(Tables(lab));
        Assert.Contains(client.Ask("c.sendall(b'y' * 1000)"), (string[])["ECONNABORTED", "EPIPE", "ECONNRESET"]);
        Assert.Equal("ECONNREFUSED", server.Ask("connect('192.0.2.1', 180)"));
        lab.AssertUdpPasses();
        Assert.Equal(before, SentByA(lab));
    }

    [Fact]
    public void Leftovers_OfDeadPrograms_AreTakenAwayByRunReleaseToo()
    {
        using var lab = new Lab();
        using ExecProgram program = ExecProgram.Start(lab.A);
        program.Do("l = listen('192.0.2.1', 179, ('192.0.2.2', 1, 2))");
        program.Kill();
        Assert.Single(Tables(lab));
        Assert.Equal(0, lab.RunA.Release().ExitCode);
        Assert.Empty(Tables(lab));
    }

    [Fact]
    public void Program_EndedWithDataOnTheWay_HasItDeliveredSigned()
    {
        const int Length = 1_000_000;
        using var lab = new Lab();
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A, "--linger", "15");
        server.Do("l = listen('192.0.2.2', 179, ('192.0.2.1', 1, 2))");
        client.Do($"c = tcp('0.0.0.0'); c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, {2 * Length}); add(c, '192.0.2.2', 2, 1)");
        client.Do("c.connect(('192.0.2.2', 179))");
        server.Do("s = l.accept()[0]");
        client.Do("c.setblocking(False)");
        long sent = client.Number($"c.send(b'x' * {Length})");
        server.Tell($"len(receive(s, {sent}))");
        Assert.Equal(0, client.Finish());
        Assert.Equal($"{sent}", server.Answer());
        AssertSilent(lab);
    }

    [Fact]
    public void Program_EndedWithDataThatNobodyTakes_IsCutAfterItsTime()
    {
        using var lab = new Lab();
        using ExecProgram server = ExecProgram.Start(lab.B);
        using ExecProgram client = ExecProgram.Start(lab.A, "--linger", "1");
        server.Do("l = listen('192.0.2.2', 179, ('192.0.2.1', 1, 2))");
        client.Do("c = connect('192.0.2.2', 179, ('192.0.2.2', 2, 1))");
        server.Do("s = l.accept()[0]");
        client.Do("c.setblocking(False)");
        Assert.Equal("None", client.Ask(
            """
            import select
            while select.select([], [c], [], 0.5)[1]: c.send(b'x' * 65536)
            """));
        Assert.Equal(0, client.Finish());
        lab.Tap.WaitFor(1, segment => segment.Source.Equals(Lab.A4) && segment.Flags.HasFlag(Wire.TcpFlags.Rst));
        AssertSilent(lab);
    }

    private static int SentByA(Lab lab) => lab.Tap.Segments.Count(segment => segment.Source.Equals(Lab.A4) && segment.HasPort(179));

    /// <summary>Whatever the kernel of A may still say to port 179 is signed, also after the rules are gone.</summary>
    private static void AssertSilent(Lab lab)
    {
        Assert.Empty(Tables(lab));
        Transfer.Run(lab.A, lab.B, Lab.B4, 1790, 100_000);
        Assert.All(lab.Tap.OfPort(179), segment => Assert.True(segment.HasAo, segment.ToString()));
    }

    private static string[] Tables(Lab lab) => lab.A.Space.Run(() =>
    {
        using var rules = NftRuleset.Open();
        return rules.TablesBeginningWith(Prefix).ToArray();
    });

    private static void AssertDoctor(Lab lab, string? table)
    {
        Answer answer = lab.RunA.Ask("doctor", "--json", "--state", lab.RunA.StatePath);
        JsonElement[] found = [.. answer.Json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("name").GetString() is "exec-leftover")];
        Assert.Equal(table is null ? 0 : 1, found.Length);
        if (table is not null)
        {
            Assert.Contains(table, found[0].GetProperty("text").GetString(), StringComparison.Ordinal);
            Assert.Equal("tcpao exec --release", found[0].GetProperty("mend").GetString());
        }
    }
}
