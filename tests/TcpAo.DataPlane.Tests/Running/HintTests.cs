using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>Why does it not come up? Log and <c>show</c> name the one setting that would mend it, from the first refused SYN.</summary>
public sealed class HintTests
{
    private const string Good = "send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: \"0123456789abcdef\"";

    [Theory]
    [InlineData("send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: \"0123456789abcdef\", include-tcp-options: false", "options-excluded", "mac-mismatch")]
    [InlineData("send-id: 1, recv-id: 1, algorithm: aes-128-cmac-96, secret: \"0123456789abcdef\"", "algorithm:aes-128-cmac-96", "mac-mismatch")]
    [InlineData("send-id: 1, recv-id: 1, algorithm: hmac-sha-256-128, secret: \"0123456789abcdef\"", "algorithm:hmac-sha-256-128", "mac-length-mismatch")]
    [InlineData("send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: \"0123456789abcdef\", mac-length: 16", "mac-length", "mac-length-mismatch")]
    [InlineData("send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret-hex: \"0123456789abcdef\"", "key-text-as-hex", "mac-mismatch")]
    [InlineData("send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: \"0123456789abcdef\\n\"", "key-trailing-newline", "mac-mismatch")]
    [InlineData("send-id: 7, recv-id: 1, algorithm: hmac-sha-256, secret: \"0123456789abcdef\"", "key:core/1", "key-not-found")]
    [InlineData("send-id: 7, recv-id: 1, algorithm: hmac-sha-256, secret: \"another\"", "unknown-key-id", "key-not-found")]
    [Trait("Requirement", "R-063")]
    public void Peer_WithAnotherSetting_IsToldWhich(string keyOfA, string hint, string reason)
    {
        using var lab = new Lab();
        lab.RunA.Write(Configuration(keyOfA, $"{Lab.B4}"));
        lab.RunB.Write(Configuration(Good, $"{Lab.A4}"));
        lab.Start();
        AssertHint(lab, lab.RunB, hint, reason);
        Assert.DoesNotContain("0123456789abcdef", lab.RunB.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Peer_WithTheSameIdsTheSameWayRound_IsToldSo()
    {
        const string Key = "send-id: 61, recv-id: 84, algorithm: hmac-sha-256, secret: \"0123456789abcdef\"";
        using var lab = new Lab();
        lab.RunA.Write(Configuration(Key, $"{Lab.B4}"));
        lab.RunB.Write(Configuration(Key, $"{Lab.A4}"));
        lab.Start();
        AssertHint(lab, lab.RunB, "ids-swapped", "key-not-found");
    }

    [Fact]
    [Trait("Requirement", "R-064")]
    public void Peer_WithoutTcpao_IsToldSo()
    {
        using var lab = new Lab();
        lab.RunB.Write(Configuration(Good, $"{Lab.A4}"));
        lab.RunB.StartAndWait();
        AssertHint(lab, lab.RunB, "peer-unsigned", "ao-required");
    }

    [Fact]
    public void Port_ThatIsClosedThere_IsToldAsOneOfTwo()
    {
        using var lab = new Lab();
        lab.RunA.Write(Configuration(Good, $"{Lab.B4}"));
        lab.RunA.StartAndWait();
        (Socket socket, _) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            // recent kernels do not answer a signed SYN to a closed port at all; others do
            SeenSegment syn = lab.Tap.WaitFor(1, segment => segment.DestinationPort == Lab.Port)[0];
            lab.B.Space.Run(() => SendReset(syn.SourcePort));
            Assert.Contains("the port is closed there, or the peer has no TCP-AO", lab.RunA.WaitFor("hint: "), StringComparison.Ordinal);
            JsonElement refusal = Assert.Single(lab.RunA.Show().GetProperty("refusals").EnumerateArray());
            Assert.Equal(("port-closed", "ao-required", "RA"), (Text(refusal, "hint"), Text(refusal, "reason"), Text(refusal, "flags")));
        }
    }

    private static void SendReset(ushort port)
    {
        byte[] segment = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(segment, Lab.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), port);
        segment[12] = 5 << 4;
        segment[13] = 0x14;
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp);
        raw.SendTo(segment, new IPEndPoint(Lab.A4, 0));
    }

    private static string Configuration(string key, string remote) =>
        $"key-chains:\n  - name: core\n    keys:\n      - {{ id: 1, {key} }}\npeers:\n  - {{ name: other, remote: {remote}, port: {Lab.Port}, key-chain: core }}\n";

    /// <summary>A connects to B, in vain.</summary>
    private static void AssertHint(Lab lab, TcpaoProcess told, string hint, string reason)
    {
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            string line = told.WaitFor("hint: ");
            JsonElement refusal = Assert.Single(told.Show().GetProperty("refusals").EnumerateArray());
            Assert.Equal((hint, reason, "other", "in"), (Text(refusal, "hint"), Text(refusal, "reason"), Text(refusal, "peer"), Text(refusal, "direction")));
            Assert.EndsWith($"hint: {Text(refusal, "explanation")}", line, StringComparison.Ordinal);
            Assert.InRange(refusal.GetProperty("count").GetInt64(), 1, long.MaxValue);
            Assert.Contains(Text(refusal, "explanation")!, told.Ask("show", "refusals").Output, StringComparison.Ordinal);
            Assert.False(connect.IsCompleted);
        }
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
