using System.Net;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Tests.Support;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

public sealed class ConfigurationAcceptanceTests
{
    // docs/reference/configuration.md
    private const string DesignExample = """
        key-chains:
          - name: core
            accept-tolerance: 60s
            keys:
              - id: 1
                send-id: 61
                recv-id: 84
                algorithm: aes-128-cmac-96
                mac-length: 12                 # optional
                include-tcp-options: true      # optional
                secret-file: core-1.key        # bytes less one final LF or CRLF; or secret:, secret-hex:, secret-hex-file:, secret-env:, secret-wrapped:
                send-lifetime:   { start: 2026-01-01T00:00:00Z, end: 2026-07-01T00:00:00Z }   # or duration:, or lifetime: for both
                accept-lifetime: { start: 2025-12-25T00:00:00Z, end: 2026-07-08T00:00:00Z }   # no-send: / no-recv: true close one way
        peers:
          - name: transit-a
            remote: 192.0.2.1/32
            local: any                         # an address of this namespace as seen on the wire; transit traffic is never touched
            port: 179                          # either end; or local-port:, remote-port:, ranges "179-181"
            interface: eth0                    # optional: link-local peers, VRF (vrf: red)
            key-chain: core
            mode: required
            accept-icmps: false
            unknown-key: drop                  # or accept (RFC 5925's default)
            local-nat: false                   # RFC 6978, with remote-nat:
        """;

    private const string OneKey = "{ id: 1, send-id: 61, recv-id: 84, secret: s }";

    [Fact]
    [Requirement("R-121", "R-122", "R-126")]
    public void Configuration_ExampleOfTheDesign_IsReadWhole()
    {
        using TempFolder folder = new();
        folder.Write("core-1.key", "testvector\n");
        TcpAoConfiguration configuration = ConfigurationFile.Load(folder.Write("tcpao.yaml", DesignExample));

        Assert.Empty(configuration.Warnings);
        KeyChain chain = Assert.Single(configuration.KeyChains);
        Assert.Equal("core", chain.Name);
        Assert.Equal(TimeSpan.FromSeconds(60), chain.AcceptTolerance);
        KeyChainKey entry = Assert.Single(chain.Keys);
        Assert.Equal(1UL, entry.Id);
        AoKey key = entry.Key;
        Assert.Equal("core/1", key.Name);
        Assert.Equal((61, 84, 12, true), (key.SendId, key.RecvId, key.MacLength, key.IncludeTcpOptions));
        Assert.Same(MacAlgorithms.AesCmac, key.Algorithm);
        Assert.True(key.MasterKey.FixedTimeEquals(Secret.FromText("testvector")));
        Assert.Equal(new KeyLifetime(Utc(2026, 1, 1), Utc(2026, 7, 1)), key.SendLifetime);
        Assert.Equal(new KeyLifetime(Utc(2025, 12, 25).AddMinutes(-1), Utc(2026, 7, 8).AddMinutes(1)), key.AcceptLifetime);

        PeerConfiguration peer = Assert.Single(configuration.Peers);
        Assert.Equal(
            new PeerConfiguration
            {
                Name = "transit-a",
                Remote = IpPrefix.Host(IpAddressBits.From(IPAddress.Parse("192.0.2.1"))),
                Port = PortMatch.Of(179),
                Interface = "eth0",
                KeyChain = chain,
                Mode = PeerMode.Required,
                UnknownKey = UnknownKeyAction.Drop,
                Line = 15,
                Column = 5,
            },
            peer);
    }

    [Fact]
    [Requirement("R-075", "R-090", "R-133")]
    public void Configuration_SettingsOfTheDataPlane_ReachTheirPlaces()
    {
        string peers = "peers: [{ name: p, remote: any, key-chain: core, mode: optional";
        TcpAoConfiguration plain = Parse($"key-chains: [{{ name: core, keys: [{OneKey}] }}]\n{peers} }}]\n");
        Assert.Equal((1, null, false, false), (plain.Queues, plain.StateFile, plain.SurvivesReboot, plain.AcceptsHandshakeAck));
        ConnectionPolicy policy = plain.Policy.Find(default)!;
        Assert.Equal((true, false, false, NoKeyAction.Reject), (policy.RejectUnexpected, policy.LockCurrentKey, policy.LockRNextKey, policy.NoKey));

        TcpAoConfiguration set = Parse(
            "queues: 64\nstate-file: /var/lib/tcpao/x\nsurvive-reboot: true\naccept-handshake-ack: true\nmetrics: { listen: '[::1]:9825' }\n"
            + $"key-chains: [{{ name: core, keys: [{OneKey}] }}]\n{peers}, reject-unexpected: false, lock-current-key: true, lock-rnext-key: true, on-no-key: hold }}]\n");
        Assert.Equal((64, "/var/lib/tcpao/x", true, true), (set.Queues, set.StateFile, set.SurvivesReboot, set.AcceptsHandshakeAck));
        policy = set.Policy.Find(default)!;
        Assert.Equal((false, true, true, NoKeyAction.Hold), (policy.RejectUnexpected, policy.LockCurrentKey, policy.LockRNextKey, policy.NoKey));
        Assert.Equal((null, "[::1]:9825"), (plain.MetricsEndpoint, set.MetricsEndpoint?.ToString()));
        Assert.Empty(set.Warnings);
    }

    [Fact]
    public void Configuration_SameTreeAsJson_IsReadTheSame()
    {
        TcpAoConfiguration configuration = Parse("{\n\t\"key-chains\":[\n\t\t{\"name\":\"core\",\"accept-tolerance\":\"60s\",\"keys\":[\n\t\t\t{\"id\":\"18446744073709551615\",\"send-id\":61,\"recv-id\":84,\"secret\":\"a\\/b\\u0020\\\"c\",\n\t\t\t\"lifetime\":{\"start\":\"2026-01-01T00:00:00Z\",\"duration\":86400},\"include-tcp-options\":false}]}],\n\t\"peers\":[{\"name\":\"p\",\"remote\":\"2001:db8::/32\",\"key-chain\":\"core\",\"mode\":\"monitor\",\"remote-port\":\"179-181\"}]\n}\n");

        KeyChainKey key = configuration.KeyChains[0].Keys[0];
        Assert.Equal(ulong.MaxValue, key.Id);
        Assert.False(key.Key.IncludeTcpOptions);
        Assert.Equal(new KeyLifetime(Utc(2026, 1, 1), Utc(2026, 1, 2)), key.Key.SendLifetime);
        Assert.True(key.Key.MasterKey.FixedTimeEquals(Secret.FromText("a/b \"c")));
        Assert.Equal((PeerMode.Monitor, PortMatch.Range(179, 181)), (configuration.Peers[0].Mode, configuration.Peers[0].RemotePort));
    }

    [Theory]
    [InlineData(
        """
        # keys of the capture of the same name, seen from the client
        key-chains:
          - name: v4-aes-12
            keys:
              - id: 1
                send-id: 61
                recv-id: 84
                algorithm: aes-128-cmac-96
                mac-length: 12
                include-tcp-options: true
                secret-hex: "000102030405060708090a0b0c0d0e0f"
        """,
        1)]
    [InlineData(
        """
        # keys of the capture of the same name, seen from the client
        key-chains:
          - name: v4-rotate-sha1-aes-sha256
            keys:
              - id: 1
                send-id: 10
                recv-id: 20
                algorithm: hmac-sha-1-96
                mac-length: 12
                include-tcp-options: true
                secret-hex: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
              - id: 2
                send-id: 11
                recv-id: 21
                algorithm: aes-128-cmac-96
                mac-length: 12
                include-tcp-options: true
                secret-hex: "000102030405060708090a0b0c0d0e0f"
              - id: 3
                send-id: 12
                recv-id: 22
                algorithm: hmac-sha-256
                mac-length: 16
                include-tcp-options: true
                secret-hex: "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728"
        """,
        3)]
    public void Configuration_KeyFileOfACapture_IsAccepted(string yaml, int keys)
    {
        TcpAoConfiguration configuration = Parse(yaml);

        Assert.Equal(keys, Assert.Single(configuration.KeyChains).Keys.Length);
        Assert.Empty(configuration.Peers);
    }

    [Fact]
    [Requirement("R-110")]
    public void Key_NoAlgorithm_IsHmacSha1OverAllOptions()
    {
        AoKey key = Key(OneKey);

        Assert.Same(MacAlgorithms.HmacSha1, key.Algorithm);
        Assert.Equal((12, true), (key.MacLength, key.IncludeTcpOptions));
    }

    [Theory]
    [InlineData("hmac(sha1)", "hmac-sha-1-96")]
    [InlineData("AES128", "aes-128-cmac-96")]
    [InlineData("hmac-sha-256-128", "hmac-sha-256-128")]
    public void Key_AlgorithmByAlias_IsFound(string written, string name) =>
        Assert.Equal(name, Key($"{{ id: 1, send-id: 1, recv-id: 1, secret: s, algorithm: {written} }}").Algorithm.Name);

    [Fact]
    [Requirement("R-097")]
    public void Key_TcpMd5WithoutIds_IsAccepted()
    {
        AoKey key = Key("{ id: 1, algorithm: tcp-md5, secret: s }");

        Assert.Equal((0, 0, false), (key.SendId, key.RecvId, key.IncludeTcpOptions));
    }

    [Theory]
    [Requirement("R-122", "R-123")]
    [InlineData("lifetime: always", "always", "always")]
    [InlineData("lifetime: { always: true }", "always", "always")]
    [InlineData("lifetime: { start: 2026-01-01T00:00:00Z }", "2026-01-01 00:00:00..", "2026-01-01 00:00:00..")]
    [InlineData("lifetime: { end: 2026-01-01T00:00:00+01:00 }", "..2025-12-31 23:00:00", "..2025-12-31 23:00:00")]
    [InlineData("send-lifetime: { start: 2026-01-01t00:00:00.5z, duration: 1m }", "2026-01-01 00:00:00..2026-01-01 00:01:00", "always")]
    [InlineData("accept-lifetime: { start: 2026-01-01T00:00:00-02:30, end: 2026-02-01T00:00:00Z }", "always", "2026-01-01 02:30:00..2026-02-01 00:00:00")]
    [InlineData("send-lifetime: { start: 2026-01-01T00:00:00Z, end: 2026-01-01T00:00:00Z }", "never", "always")]
    [InlineData("no-send: true", "never", "always")]
    [InlineData("no-recv: true", "always", "never")]
    [InlineData("no-recv: false", "always", "always")]
    [InlineData("lifetime: { start: 2026-01-01T00:00:00Z }, no-send: true", "never", "2026-01-01 00:00:00..")]
    public void Key_Lifetime_OpensThatSpan(string written, string send, string accept)
    {
        AoKey key = Key($"{{ id: 1, send-id: 1, recv-id: 1, secret: s, {written} }}");

        Assert.Equal((send, accept), (Text(key.SendLifetime), Text(key.AcceptLifetime)));

        static string Text(KeyLifetime life)
        {
            if (life.IsEmpty || life == KeyLifetime.Always)
            {
                return life.IsEmpty ? "never" : "always";
            }

            string start = life.Start == DateTimeOffset.MinValue ? "" : $"{life.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss}";
            string end = life.End == DateTimeOffset.MaxValue ? "" : $"{life.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}";
            return $"{start}..{end}";
        }
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("60s", 60)]
    [InlineData("'5m'", 300)]
    [InlineData("12h", 43200)]
    [InlineData("30d", 2592000)]
    [InlineData("0", 0)]
    public void Chain_AcceptTolerance_IsReadInItsUnit(string written, int seconds)
    {
        KeyChain chain = Parse($"key-chains: [{{ name: c, accept-tolerance: {written}, description: edge routers, keys: [{OneKey}] }}]").KeyChains[0];

        Assert.Equal(TimeSpan.FromSeconds(seconds), chain.AcceptTolerance);
        Assert.Equal("edge routers", chain.Description);
    }

    [Fact]
    public void Peer_NothingButTheNecessary_TakesTheDefaults()
    {
        PeerConfiguration peer = Peer("remote: 2001:db8::1");

        Assert.Equal(("2001:db8::1", "any", "any", "any", "any"), ($"{peer.Remote}", $"{peer.Local}", $"{peer.Port}", $"{peer.LocalPort}", $"{peer.RemotePort}"));
        Assert.Equal((PeerMode.Required, UnknownKeyAction.Drop), (peer.Mode, peer.UnknownKey));
        Assert.Equal((false, false, false), (peer.AcceptIcmps, peer.LocalNat, peer.RemoteNat));
        Assert.Null(peer.Interface);
        Assert.Null(peer.Vrf);
    }

    [Fact]
    public void Peer_EverythingSet_IsRead()
    {
        PeerConfiguration peer = Peer(
            "remote: 192.0.2.0/24, local: 198.51.100.7, local-port: 179, remote-port: \"1024-65535\", vrf: red, mode: optional, " +
            "accept-icmps: true, unknown-key: accept, local-nat: true, remote-nat: true");

        Assert.Equal(("198.51.100.7", "179", "1024-65535", "red"), ($"{peer.Local}", $"{peer.LocalPort}", $"{peer.RemotePort}", peer.Vrf));
        Assert.Equal((PeerMode.Optional, UnknownKeyAction.Accept), (peer.Mode, peer.UnknownKey));
        Assert.Equal((true, true, true), (peer.AcceptIcmps, peer.LocalNat, peer.RemoteNat));
    }

    private static TcpAoConfiguration Parse(string yaml) => ConfigurationFile.Parse(yaml, "tcpao.yaml", "/nonexistent");

    private static AoKey Key(string key) => Parse($"key-chains: [{{ name: c, keys: [{key}] }}]").KeyChains[0].Keys[0].Key;

    private static PeerConfiguration Peer(string peer) =>
        Parse($"key-chains: [{{ name: c, keys: [{OneKey}] }}]\npeers: [{{ name: p, key-chain: c, {peer} }}]").Peers[0];

    private static DateTimeOffset Utc(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);
}
