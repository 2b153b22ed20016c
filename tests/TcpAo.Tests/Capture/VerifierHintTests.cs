using System.Text;
using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;
using static TcpAo.Tests.Support.CaptureBuilder;

namespace TcpAo.Tests.Capture;

/// <summary>Mistakes that people make: the hint names each, on the SYN and on every later segment of both directions.</summary>
public sealed class VerifierHintTests
{
    private const string HexDigits = "00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Options_ExcludedOrIncludedByTheSenderOnly_Named(bool configured)
    {
        AssertHint(configured ? "options-excluded" : "options-included", Key(options: configured), Key(options: !configured));
    }

    [Fact]
    [Trait("Requirement", "R-139")]
    public void Algorithm_Other_Named()
    {
        foreach (MacAlgorithm configured in MacAlgorithms.All.Where(a => !a.IsTcpMd5))
        {
            foreach (MacAlgorithm used in MacAlgorithms.All.Where(a => !a.IsTcpMd5 && a != configured))
            {
                int? length = used.MinMacLength > 12 ? null : 12;
                string sentence = AssertHint($"algorithm:{used.Name}", Key(configured), Key(used, macLength: length));
                Assert.Contains($"set algorithm: {used.Name}", sentence, StringComparison.Ordinal);
                bool isPair = configured.Name.StartsWith("hmac-sha-256", StringComparison.Ordinal) && used.Name.StartsWith("hmac-sha-256", StringComparison.Ordinal);
                Assert.Equal(isPair, sentence.Contains("two SHA-256 schemes", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void AlgorithmAndOptions_BothOther_Named() =>
        AssertHint("algorithm:aes-128-cmac-96+options-excluded", Key(), Key(MacAlgorithms.AesCmac, options: false));

    [Fact]
    [Trait("Requirement", "R-072")]
    public void MacLength_Other_Named()
    {
        AssertHint("mac-length", Key(), Key(macLength: 16));
        AssertHint("mac-length", Key(macLength: 16), Key(macLength: 4));
        AssertHint("options-excluded+mac-length", Key(macLength: 16), Key(options: false));
        SegmentReport[] both = Verify(Chain(Key(macLength: 16)), new AoSession(Key(secret: "unknown")).Whole());
        Assert.All(both[..2], r => Assert.Equal((SegmentVerdict.BadMac, DropReason.MacLengthMismatch, null), (r.Verdict, r.Reason, r.Hint)));
    }

    [Fact]
    public void KeyText_ReadAsHexByOneEnd_Named()
    {
        AoKey text = Key(secret: HexDigits);
        var hex = new AoKey("core/1", 61, 84, MacAlgorithms.HmacSha1, Secret.FromHex(HexDigits));

        AssertHint("key-text-as-hex", text, hex);
        AssertHint("key-hex-as-text", hex, text);
        AssertHint("key-hex-as-text", hex, Key(secret: HexDigits.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("secret\n", "secret", "key-trailing-newline", "take it out here")]
    [InlineData("secret\r\n", "secret", "key-trailing-newline", "take it out here")]
    [InlineData("secret", "secret\n", "key-trailing-newline", "there again without it")]
    [InlineData("secret", "secret\r\n", "key-trailing-newline", "there again without it")]
    [InlineData("secret", "secret\0", "key-trailing-nul", "NUL")]
    public void Key_WithALineBreakAtOneEnd_Named(string configured, string used, string name, string words) =>
        // with HMAC, which fills keys up with zeros, a NUL behind the key changes nothing
        Assert.Contains(words, AssertHint(name, Key(MacAlgorithms.AesCmac, secret: configured), Key(MacAlgorithms.AesCmac, secret: used)), StringComparison.Ordinal);

    [Fact]
    public void Key_OtherConfiguredOneUsed_Named()
    {
        AoKey other = Key(MacAlgorithms.AesCmac, 1, 2, "other", name: "core/2");
        AoKey used = Key(MacAlgorithms.AesCmac, secret: "other");

        Assert.Contains("core/2", AssertHint("key:core/2", [Key(), other], used), StringComparison.Ordinal);
        AssertHint("key:core/2+options-excluded", [Key(), other], Key(MacAlgorithms.AesCmac, secret: "other", options: false));
    }

    [Fact]
    public void Key_UnderAnUnknownId_KeyNotFoundWithTheKeyNamed()
    {
        SegmentReport[] reports = Verify(Chain(Key()), new AoSession(Key(sendId: 5, recvId: 6)).Whole());

        Assert.All(reports, r => Assert.Equal((SegmentVerdict.KeyNotFound, "key:core/1"), (r.Verdict, r.Hint?.Name)));
    }

    [Theory]
    [InlineData("192.0.2.1", 61, 84)]
    [InlineData("192.0.2.2", 84, 61)]
    public void Ids_SwappedWithPeers_Named(string local, byte sendId, byte recvId)
    {
        // as configured, from either end
        CaptureKeys right = WithPeer(Key(sendId: sendId, recvId: recvId), local);
        AssertVerdicts(Verify(right, new AoSession(Key()).Whole()));

        CaptureKeys swapped = WithPeer(Key(sendId: recvId, recvId: sendId), local);
        SegmentReport[] reports = Verify(swapped, new AoSession(Key()).Whole());

        Assert.All(reports, r => Assert.Equal((SegmentVerdict.BadMac, "ids-swapped", "core/1"), (r.Verdict, r.Hint?.Name, r.Key?.Name)));
    }

    [Fact]
    public void Ids_TheSameConfiguredAtBothEnds_ServerNamed()
    {
        // the server was given the client's lines: it signs with the same send-id
        var session = new AoSession(Key()) { ServerKey = Key(sendId: 84, recvId: 61) };

        SegmentReport[] reports = Verify(Chain(Key()), session.Whole());

        Assert.Equal((SegmentVerdict.Valid, null), (reports[0].Verdict, reports[0].Hint));
        Assert.Equal((SegmentVerdict.BadMac, "ids-swapped"), (reports[1].Verdict, reports[1].Hint?.Name));
        Assert.All(reports.Where(r => r.Source!.Value.Port == 179), r => Assert.Equal((SegmentVerdict.BadMac, "ids-swapped"), (r.Verdict, r.Hint?.Name)));
        Assert.All(reports.Where(r => r.Source!.Value.Port != 179), r => Assert.Equal(SegmentVerdict.Valid, r.Verdict));
    }

    [Fact]
    [Trait("Requirement", "R-053")]
    public void Sne_NotThatOfTheSequenceNumber_Named()
    {
        var session = new AoSession(Key());
        byte[][] start = session.Handshake();
        byte[] ahead = session.Skip(true, 0x7000_0000).Skip(true, 0x7000_0000).Skip(true, 0x3000_0000).Data(true);

        SegmentReport report = Verify(Chain(Key()), [.. start, ahead])[^1];

        Assert.Equal((SegmentVerdict.BadMac, "sne:1"), (report.Verdict, report.Hint?.Name));
        Assert.Contains("extension 1 instead of 0", report.Hint!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-100")]
    public void Nat_AddressRewritten_OriginalNamed()
    {
        CaptureKeys keys = WithPeer(Key(), "192.0.2.1", remote: "192.0.2.2");
        AssertHint("nat:198.51.100.7:40000=192.0.2.1:40000", keys, new AoSession(Key()) { Client = "198.51.100.7", Signed = pair => pair with { Local = Address("192.0.2.1") } });
        AssertHint("nat:198.51.100.7:179=192.0.2.2:179", keys, new AoSession(Key()) { Server = "198.51.100.7", Signed = pair => pair with { Remote = Address("192.0.2.2") } });
    }

    [Fact]
    [Trait("Requirement", "R-100")]
    public void Nat_PortRewrittenOrBoth_OriginalNamed()
    {
        CaptureKeys keys = WithPeer(Key(), "192.0.2.1", remote: "192.0.2.2");
        AssertHint("nat:192.0.2.1:40000=192.0.2.1:1024", keys, new AoSession(Key()) { Signed = pair => pair with { LocalPort = 1024 } });
        AssertHint("nat:192.0.2.2:179=192.0.2.2:65535", keys, new AoSession(Key()) { Signed = pair => pair with { RemotePort = 65535 } });
        AssertHint(
            "nat:198.51.100.7:40000=192.0.2.1:1024",
            keys,
            new AoSession(Key()) { Client = "198.51.100.7", Signed = pair => pair with { Local = Address("192.0.2.1"), LocalPort = 1024 } });
        AssertHint(
            "nat:198.51.100.7:179=192.0.2.2:1179",
            keys,
            new AoSession(Key()) { Server = "198.51.100.7", Signed = pair => pair with { Remote = Address("192.0.2.2"), RemotePort = 1179 } });
    }

    [Theory]
    [InlineData(NatSides.Local, "nat:hidden=192.0.2.1:40000")]
    [InlineData(NatSides.Remote, "nat:hidden=192.0.2.2:179")]
    [InlineData(NatSides.Local | NatSides.Remote, "nat:hidden=both")]
    [Trait("Requirement", "R-119")]
    public void Nat_SidesHiddenByTheSenderOnly_Named(NatSides sides, string name)
    {
        AssertHint(name, Chain(Key()), new AoSession(Key()) { Nat = sides });

        CaptureKeys hiding = WithPeer(Key(), "192.0.2.1", nat: sides);
        AssertVerdicts(Verify(hiding, new AoSession(Key()) { Nat = sides }.Whole()));
        AssertHint("nat:not-hidden", hiding, new AoSession(Key()));
    }

    [Fact]
    public void Hints_OfAHandshakeWithoutItsSynAck_OnLaterSegmentsToo()
    {
        SegmentReport[] reports = Verify(Chain(Key()), Without(new AoSession(Key(options: false)).Whole(), 1));

        Assert.All(reports, r => Assert.Equal((SegmentVerdict.BadMac, "options-excluded"), (r.Verdict, r.Hint?.Name)));
    }

    [Fact]
    public void UnknownSecret_NoHint_HandshakeBadAndTheRestUnverifiable()
    {
        SegmentReport[] reports = Verify(Chain(Key()), new AoSession(Key(secret: "unknown")).Whole());

        Assert.All(reports[..2], r => Assert.Equal((SegmentVerdict.BadMac, DropReason.MacMismatch, null), (r.Verdict, r.Reason, r.Hint)));
        Assert.All(reports[2..], r => Assert.Equal((SegmentVerdict.Unverifiable, DropReason.IsnUnknown, null), (r.Verdict, r.Reason, r.Hint)));
    }

    private static string AssertHint(string name, AoKey configured, AoKey used) => AssertHint(name, [configured], used);

    private static string AssertHint(string name, AoKey[] configured, AoKey used)
    {
        string sentence = AssertHint(name, Chain(configured), new AoSession(used));
        foreach (AoKey key in (AoKey[])[.. configured, used])
        {
            string secret = Encoding.ASCII.GetString(key.MasterKey.Bytes);
            Assert.DoesNotContain(secret.TrimEnd('\n', '\r', '\0'), sentence, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString(key.MasterKey.Bytes), sentence, StringComparison.OrdinalIgnoreCase);
        }

        return sentence;
    }

    private static string AssertHint(string name, CaptureKeys keys, AoSession session)
    {
        // a port search for each: source, destination, and both with each known address
        SegmentReport[] reports = Verify(keys, session.Whole(), lookAhead: true, [], out _, portSearches: 6);
        Assert.All(reports, r => Assert.Equal((SegmentVerdict.BadMac, name), (r.Verdict, r.Hint?.Name)));
        return Assert.Single(reports.Select(r => r.Hint!.Sentence).Distinct());
    }

    private static CaptureKeys WithPeer(AoKey key, string local, string? remote = null, NatSides nat = NatSides.None)
    {
        var chain = new KeyRing(key);
        var policy = new ConnectionPolicy("peer", chain) { Nat = nat };
        var match = new ConnectionMatch(remote is null ? default : IpPrefix.Host(Address(remote)), IpPrefix.Host(Address(local)), default, default);
        return new CaptureKeys([new CaptureChain("core", chain)], new Policies(match, policy), [.. ((string?[])[local, remote]).Where(a => a is not null).Select(a => Address(a!))]);
    }

    private sealed class Policies(ConnectionMatch match, ConnectionPolicy policy) : IKeySource
    {
        public ConnectionPolicy? Find(in SocketPair pair) => match.Matches(pair) ? policy : null;
    }
}
