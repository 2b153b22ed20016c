using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary><c>tcpao exec --keys</c>: a program that knows nothing of TCP-AO has keys, lifetimes and rollover of a file on its own sockets.</summary>
public sealed class FileKeysTests
{
    private const int Port = 5179;

    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(5);

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-122")]
    public void Programs_ThatKnowNothingOfKeys_TalkSignedAndRollWithTheFile()
    {
        using var lab = new Lab();

        // of two keys the one that lasts longer is asked for and signs; the first one ends while they talk
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(15);
        using ExecProgram server = ExecProgram.Start(lab.B, "--keys", Write(lab.RunB, isMirrored: true, end));
        using ExecProgram client = ExecProgram.Start(lab.A, "--keys", Write(lab.RunA, isMirrored: false, end));
        server.Do($"l = listen('192.0.2.2', {Port})");
        client.Do($"c = connect('192.0.2.2', {Port})");
        server.Do("s = l.accept()[0]");

        // a busy machine may be late
        bool isFirst = DateTimeOffset.UtcNow < end - s_overlap;
        do
        {
            Pass(client, "c", server, "s");
            Pass(server, "s", client, "c");
        }
        while (!lab.Tap.OfPort(Port).Any(segment => segment.KeyId == 2 && segment.SourcePort == Port) || !lab.Tap.OfPort(Port).Any(segment => segment.KeyId == 2 && segment.DestinationPort == Port));

        IReadOnlyList<SeenSegment> seen = lab.Tap.OfPort(Port);
        Assert.All(seen, segment => Assert.True(segment.HasAo, segment.ToString()));
        Assert.True(!isFirst || seen.Any(segment => segment.KeyId == 1), "the first key was never used");

        // whoever the file does not name goes as ever, and a stranger without the key does not get in
        server.Do("o = listen('192.0.2.2', 5180)");
        client.Do("d = connect('192.0.2.2', 5180)");
        Assert.All(lab.Tap.OfPort(5180), segment => Assert.False(segment.HasAo, segment.ToString()));
        using System.Net.Sockets.Socket stranger = lab.A.Tcp(System.Net.Sockets.AddressFamily.InterNetwork);
        Assert.False(stranger.ConnectAsync(Lab.B4, Port).Wait(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        Assert.Equal(0, client.Finish());
        Assert.Equal(0, server.Finish());
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Connect_WhenNoKeyOfTheFileMaySign_FailsAtOnceAndNothingLeaves()
    {
        using var lab = new Lab();
        string file = Write(lab.RunA, isMirrored: false, DateTimeOffset.UtcNow.AddYears(-1), hasSecond: false);
        using ExecProgram client = ExecProgram.Start(lab.A, "--keys", file);
        Assert.Equal("ENOKEY", client.Ask($"connect('192.0.2.2', {Port})"));
        lab.AssertUdpPasses();
        Assert.Empty(lab.Tap.OfPort(Port));
        Assert.Contains("no key may sign now", client.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_ThatAreWrongOrNotOursToGive_AreRefusedInOneLine()
    {
        using var lab = new Lab();
        string file = Write(lab.RunA, isMirrored: false, DateTimeOffset.UtcNow.AddYears(1));
        File.WriteAllText(file, File.ReadAllText(file).Replace("key-chain: c", "key-chain: d", StringComparison.Ordinal));
        (int code, _, string errors) = ExecProgram.Run(lab.A, [], "exec", "--keys", file, "--", "true");
        Assert.Equal(125, code);
        Assert.Contains("there is no key chain 'd'", errors, StringComparison.Ordinal);

        // keys of a namespace that has a daemon are the daemon's
        Write(lab.RunA, isMirrored: false, DateTimeOffset.UtcNow.AddYears(1));
        lab.RunA.StartAndWait();
        (code, _, errors) = ExecProgram.Run(lab.A, [], "exec", "--daemon", Path.ChangeExtension(lab.RunA.StatePath, ".exec"), "--keys", file, "--", "true");
        Assert.Equal(125, code);
        Assert.Contains("put them into its configuration", errors, StringComparison.Ordinal);
    }

    private static string Write(TcpaoProcess run, bool isMirrored, DateTimeOffset end, bool hasSecond = true)
    {
        (string peer, string side) = isMirrored ? ("192.0.2.1", "local") : ("192.0.2.2", "remote");
        string second = hasSecond ? $"      - {{ id: 2, send-id: 2, recv-id: 2, secret: \"the second\", send-lifetime: {{ start: {end - s_overlap:O} }} }}\n" : "";
        run.Write($$"""
            key-chains:
              - name: c
                keys:
                  - { id: 1, send-id: 1, recv-id: 1, secret: "the first", lifetime: { end: {{end:O}} } }
            {{second}}
            peers:
              - { name: p, remote: {{peer}}, {{side}}-port: {{Port}}, key-chain: c }

            """);
        return run.ConfigurationPath;
    }

    private static void Pass(ExecProgram from, string socket, ExecProgram to, string other)
    {
        from.Do($"{socket}.sendall(b'x' * 1000)");
        Assert.Equal("1000", to.Ask($"len({other}.recv(1000, socket.MSG_WAITALL))"));
    }
}
