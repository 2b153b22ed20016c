using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Diagnostics;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/reference/trace.md: one cause on the wire, one event; B runs tcpao, A is whoever sends.</summary>
public sealed class TraceTests
{
    private const string Secret = "never to be told, in no trace";
    private const int ClientPort = 40_000;

    private static readonly Key s_key = new(61, 84, Secret: Secret);
    private static readonly Key s_next = new(62, 85, Secret: "the next secret");

    private static readonly byte[] s_noMac = new byte[12];

    /// <summary>Segments that B refuses for one cause each, by the name of the event.</summary>
    public static TheoryData<string> Refused =>
    [
        "tcp_hash_bad_header", "tcp_hash_ao_required", "tcp_hash_md5_required", "tcp_hash_md5_unexpected", "tcp_hash_md5_mismatch", "tcp_ao_wrong_maclen", "tcp_ao_mismatch", "tcp_ao_key_not_found",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    [Trait("Requirement", "R-063")]
    public void Segment_Refused_IsTheOnlyEventOfItsName(string name)
    {
        using Lab lab = Receiving(name.Contains("md5_required", StringComparison.Ordinal) || name.Contains("md5_mismatch", StringComparison.Ordinal) ? s_key with { Algorithm = "tcp-md5" } : s_key);
        using var forge = new PacketForge(lab.A);
        using var trace = new TraceProcess(lab.B, lab.RunB.ControlPath, "--event", name, "--count", "1");

        // everything else first: only the event that is asked for comes through
        foreach (string other in Refused.Select(row => row.Data).Where(other => !string.Equals(other, name, StringComparison.Ordinal)))
        {
            if (!IsSameHere(other, name))
            {
                forge.Send(Segment(other, ClientPort + 1));
            }
        }

        forge.Send(Segment(name, ClientPort));
        JsonElement seen = trace.FinishWithOne();
        Assert.Equal(("tcpao.trace/1", name), (Text(seen, "schema"), Text(seen, "event")));
        Assert.Equal(("192.0.2.1", ClientPort, "192.0.2.2", Lab.Port), (Text(seen, "source"), Number(seen, "source-port"), Text(seen, "destination"), Number(seen, "destination-port")));
        Assert.Equal((4, 0), (Number(seen, "family"), Number(seen, "l3index")));
        Assert.Equal((false, true, false, false, false), (Flag(seen, "fin"), Flag(seen, "syn"), Flag(seen, "rst"), Flag(seen, "psh"), Flag(seen, "ack")));
        Assert.Equal(Inode(lab.B), seen.GetProperty("namespace").GetUInt64());
        Assert.NotEqual(0ul, seen.GetProperty("net-cookie").GetUInt64());
        Assert.False(seen.TryGetProperty("state", out _));
        if (name.StartsWith("tcp_ao_", StringComparison.Ordinal))
        {
            Assert.Equal((name.EndsWith("key_not_found", StringComparison.Ordinal) ? 7 : 61, 84), (Number(seen, "keyid"), Number(seen, "rnext")));
            Assert.Equal(name.EndsWith("maclen", StringComparison.Ordinal) ? 8 : 12, Number(seen, "maclen"));
        }
        else
        {
            Assert.False(seen.TryGetProperty("keyid", out _));
        }

        Assert.DoesNotContain(Secret, seen.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Handshake_SignedAtFirst_DoesNotEndUnsigned()
    {
        using Lab lab = Receiving(s_key);
        using var forge = new PacketForge(lab.A);
        using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);

        // a reset of A's own stack has no ACK
        using var trace = new TraceProcess(lab.B, lab.RunB.ControlPath, "--event", "tcp_ao_handshake_failure", "--flags", "A", "--count", "1");
        AoEngine engine = EngineOfA(lab);
        byte[] syn = Forged(ClientPort, TcpFlags.Syn);
        forge.Send(Signed(engine, syn));
        SeenSegment synAck = lab.Tap.WaitFor(1, segment => segment.SourcePort == Lab.Port && segment.HasAo)[0];
        byte[] ack = Forged(ClientPort, TcpFlags.Ack);
        BinaryPrimitives.WriteUInt32BigEndian(ack.AsSpan(24), synAck.Acknowledgment);
        BinaryPrimitives.WriteUInt32BigEndian(ack.AsSpan(28), synAck.Sequence + 1);
        TcpPacketEditor.RewriteTcpChecksum(ack, ack.Length);
        forge.Send(ack);
        JsonElement seen = trace.FinishWithOne();
        Assert.Equal(("syn-received", "ao-required"), (Text(seen, "state"), Text(seen, "reason")));
        Assert.Equal((0, 0, 0, true), (Number(seen, "keyid"), Number(seen, "rnext"), Number(seen, "maclen"), Flag(seen, "ack")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-053")]
    public void SequenceNumbers_ThatWrap_AreToldAtBothEndsWithTheNewNumber(bool isIPv6)
    {
        const uint Isn = 0xFFFF_FF00;
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        using var sender = new TraceProcess(lab.A, lab.RunA.ControlPath, "--event", "tcp_ao_snd_sne_update", "--event", "tcp_ao_rcv_sne_update", "--count", "1");
        using var receiver = new TraceProcess(lab.B, lab.RunB.ControlPath, "--event", "tcp_ao_snd_sne_update", "--event", "tcp_ao_rcv_sne_update", "--count", "1");
        IPAddress at = Lab.AddressOfB(isIPv6);
        using Socket listener = lab.B.Listen(at, Lab.Port);
        using Socket a = lab.A.Tcp(at.AddressFamily);
        TcpRepair.SetInitialSequence(a, Isn);
        Wait.For(a.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
        using Socket b = Transfer.Accept(listener);
        Session.Exchange(a, b);
        int port = ((IPEndPoint)a.LocalEndPoint!).Port;
        JsonElement sent = sender.FinishWithOne();
        Assert.Equal(("tcp_ao_snd_sne_update", 1, "synchronized"), (Text(sent, "event"), Number(sent, "sne"), Text(sent, "state")));
        Assert.Equal((Lab.AddressOfA(isIPv6).ToString(), port, isIPv6 ? 6 : 4), (Text(sent, "source"), Number(sent, "source-port"), Number(sent, "family")));

        // a socket's event names our end first, also where it is about what came
        JsonElement received = receiver.FinishWithOne();
        Assert.Equal(("tcp_ao_rcv_sne_update", 1, "synchronized"), (Text(received, "event"), Number(received, "sne"), Text(received, "state")));
        Assert.Equal((at.ToString(), Lab.Port, port), (Text(received, "source"), Number(received, "source-port"), Number(received, "destination-port")));
    }

    [Fact]
    [Trait("Requirement", "R-073")]
    public void Peer_ThatAsksForAnotherKey_IsToldWithOurOwnKeyAndThenTheChange()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key, s_next));
        using Session session = Session.Open(lab);
        session.Exchange();
        using var trace = new TraceProcess(lab.A, lab.RunA.ControlPath, "--event", "tcp_ao_rnext_request", "--event", "tcpao_current_key", "--count", "2");

        // B has the next one alone, so that it asks for that
        lab.RunB.Reload(Peering.Configuration([new Peering(Lab.Port, s_next)], Lab.A4, Lab.A6, isMirrored: true));
        session.Exchange();
        IReadOnlyList<JsonElement> seen = trace.Finish();
        Assert.Equal(["tcp_ao_rnext_request", "tcpao_current_key"], seen.Select(line => Text(line, "event")));
        Assert.Equal((61, 62, 12), (Number(seen[0], "keyid"), Number(seen[0], "rnext"), Number(seen[0], "maclen")));
        Assert.Equal((62, Lab.Port), (Number(seen[1], "keyid"), Number(seen[0], "source-port")));
        session.Exchange();
    }

    [Fact]
    public void Conditions_TogetherAndAgainstOthers_LetOneThrough()
    {
        using Lab lab = Receiving(s_key);
        using var forge = new PacketForge(lab.A);
        string[] conditions =
        [
            "--peer", "192.0.2.0/24", "--source", $"192.0.2.1:{ClientPort}", "--destination", $"192.0.2.2:{Lab.Port}", "--family", "4", "--l3index", "0", "--flags", "S-A", "--keyid", "9",
            "--rnext", "10", "--maclen", "12", "--namespace", Inode(lab.B).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ];
        using var trace = new TraceProcess(lab.B, lab.RunB.ControlPath, [.. conditions, "--count", "1"]);
        forge.Send(Forged(ClientPort + 1, TcpFlags.Syn, Ao(9, 10, s_noMac)));
        forge.Send(Forged(ClientPort, TcpFlags.Syn | TcpFlags.Ack, Ao(9, 10, s_noMac)));
        forge.Send(Forged(ClientPort, TcpFlags.Syn, Ao(8, 10, s_noMac)));
        forge.Send(Forged(ClientPort, TcpFlags.Syn, Ao(9, 11, s_noMac)));
        forge.Send(Forged(ClientPort, TcpFlags.Syn, Ao(9, 10, new byte[16])));
        forge.Send(Forged(ClientPort, TcpFlags.Syn));
        forge.Send(Forged(ClientPort, TcpFlags.Syn, Ao(9, 10, s_noMac)));
        JsonElement seen = trace.FinishWithOne();
        Assert.Equal(("tcp_ao_key_not_found", 9, 10, 12, ClientPort), (Text(seen, "event"), Number(seen, "keyid"), Number(seen, "rnext"), Number(seen, "maclen"), Number(seen, "source-port")));
    }

    [Fact]
    public void Trace_OfAProgramThatEnds_EndsWithFive_AndAWrongConditionWithTwo()
    {
        using Lab lab = Receiving(s_key);
        using var trace = new TraceProcess(lab.B, lab.RunB.ControlPath);
        foreach ((string[] wrong, string word) in new[] { (new[] { "--event", "tcp_ao_mismatched" }, "did you mean 'tcp_ao_mismatch'"), (["--keyid", "256"], "0 to 255") })
        {
            Answer refused = lab.RunB.Ask(["trace", .. wrong]);
            Assert.Equal((2, string.Empty), (refused.ExitCode, refused.Output));
            Assert.Contains(word, Assert.Single(refused.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        }

        Assert.Equal(0, lab.RunB.Terminate());
        Assert.Empty(trace.Finish(exitCode: 5));
        Assert.Equal(5, lab.RunB.Ask("trace").ExitCode);
    }

    [Fact]
    public void Exec_WithoutAProgramToAsk_WritesEventsOfItsSocketsToAFile()
    {
        // the SYN is signed with the listener's key and asks for one that it lacks
        const string Listener = """
            import socket, struct, sys
            s = socket.socket()
            key = b'never to be told, in no trace'
            addr = struct.pack('=HH4s120x', socket.AF_INET, 0, socket.inet_aton('192.0.2.1'))
            s.setsockopt(6, 38, addr + b'hmac(sha1)'.ljust(64, b'\0') + struct.pack('=iIHBBBBBB', 0, 0, 0, 32, 84, 61, 12, 0, len(key)) + key.ljust(80, b'\0'))
            s.bind(('192.0.2.2', 179))
            s.listen(5)
            print('listens', flush=True)
            sys.stdin.read()
            """;
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "there is no python3");
        using var lab = new Lab();
        lab.RunA.Write($$"""
            key-chains:
              - name: c
                keys:
                  - { id: 1, send-id: 61, recv-id: 84, secret: "{{Secret}}" }
                  - { id: 2, send-id: 4, recv-id: 5, secret: another, no-send: true }
            peers: [{ name: p, remote: {{Lab.B4}}, remote-port: {{Lab.Port}}, key-chain: c }]
            """);
        string file = $"{lab.RunA.ConfigurationPath}.trace";
        string[] words = ["dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "exec", "--trace", file, "--trace-filter", "event=tcp_ao_synack_no_key", "--", "/usr/bin/python3", "-c", Listener];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true };
        using Process exec = lab.B.Space.Run(() => Process.Start(start)!);
        try
        {
            Assert.Equal("listens", Wait.ForResult(exec.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()));
            using var forge = new PacketForge(lab.A);
            forge.Send(Signed(EngineOfA(lab), Forged(ClientPort, TcpFlags.Syn)));
            Wait.Until(() => File.Exists(file) && File.ReadAllText(file).Contains('\n', StringComparison.Ordinal), "an event is in the file");
            JsonElement seen = JsonDocument.Parse(File.ReadLines(file).First()).RootElement;
            Assert.Equal(("tcp_ao_synack_no_key", 5, 61), (Text(seen, "event"), Number(seen, "keyid"), Number(seen, "rnext")));
            Assert.Equal(("192.0.2.2", ClientPort), (Text(seen, "source"), Number(seen, "destination-port")));
            Assert.Equal(Inode(lab.B), seen.GetProperty("namespace").GetUInt64());
            Assert.DoesNotContain(Secret, File.ReadAllText(file), StringComparison.Ordinal);
            exec.StandardInput.Close();
            Assert.True(exec.WaitForExit(Wait.Milliseconds));
            Assert.Equal(0, exec.ExitCode);
        }
        finally
        {
            if (!exec.HasExited)
            {
                exec.Kill();
                exec.WaitForExit();
            }
        }
    }

    /// <summary>B protects a peer, A does not: what A sends is as the test made it.</summary>
    private static Lab Receiving(Key key)
    {
        var lab = new Lab();
        try
        {
            lab.Configure(new Peering(Lab.Port, key));
            lab.RunB.StartAndWait();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>A segment that is refused for a cause.</summary>
    private static byte[] Segment(string cause, int port) => cause switch
    {
        "tcp_hash_bad_header" => Forged(port, TcpFlags.Syn, [.. Ao(61, 84, s_noMac), .. Ao(61, 84, s_noMac)]),
        "tcp_hash_ao_required" or "tcp_hash_md5_required" => Forged(port, TcpFlags.Syn),
        "tcp_hash_md5_unexpected" or "tcp_hash_md5_mismatch" => Forged(port, TcpFlags.Syn, [(byte)TcpOptionKind.Md5Signature, 18, .. new byte[16], 1, 1]),
        "tcp_ao_wrong_maclen" => Forged(port, TcpFlags.Syn, Ao(61, 84, new byte[8])),
        "tcp_ao_mismatch" => Forged(port, TcpFlags.Syn, Ao(61, 84, s_noMac)),
        "tcp_ao_key_not_found" => Forged(port, TcpFlags.Syn, Ao(7, 84, s_noMac)),
        _ => throw new ArgumentException(cause, nameof(cause)),
    };

    /// <summary>Whether two causes are one where the peer has keys of one kind alone.</summary>
    private static bool IsSameHere(string one, string other) =>
        new[] { one, other }.All(name => name is "tcp_hash_ao_required" or "tcp_hash_md5_required") || new[] { one, other }.All(name => name is "tcp_hash_md5_unexpected" or "tcp_hash_md5_mismatch");

    private static byte[] Ao(byte keyId, byte rnext, byte[] mac) => [(byte)TcpOptionKind.TcpAo, (byte)(4 + mac.Length), keyId, rnext, .. mac];

    /// <summary>A segment from A to B.</summary>
    private static byte[] Forged(int port, TcpFlags flags, params byte[] options)
    {
        byte[] header = PacketForge.TcpHeader(port, Lab.Port);
        header[12] = (byte)((header.Length + options.Length) / 4 << 4);
        header[13] = (byte)flags;
        byte[] packet = PacketForge.Ip(Lab.A4, Lab.B4, 6, [.. header, .. options]);
        TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
        return packet;
    }

    /// <summary>An engine that signs what the test sends, with A's configuration.</summary>
    private static AoEngine EngineOfA(Lab lab) => new(ConfigurationFile.Load(lab.RunA.ConfigurationPath).Policy);

    private static byte[] Signed(AoEngine engine, byte[] packet)
    {
        byte[] buffer = [.. packet, .. new byte[AoEngine.CutRoom]];
        AoDecision decision = engine.ProcessOutbound(buffer, packet.Length, new SegmentContext(new EngineTime(DateTimeOffset.UtcNow, 0)));
        Assert.Equal(AoVerdict.Rewrite, decision.Verdict);
        return buffer[..decision.Length];
    }

    private static ulong Inode(Host host)
    {
        string name = host.Space.ReadName();
        return ulong.Parse(name.AsSpan(name.IndexOf('[', StringComparison.Ordinal) + 1).TrimEnd(']'), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();

    private static int Number(JsonElement line, string name) => line.GetProperty(name).GetInt32();

    private static bool Flag(JsonElement line, string name) => line.GetProperty(name).GetBoolean();
}
