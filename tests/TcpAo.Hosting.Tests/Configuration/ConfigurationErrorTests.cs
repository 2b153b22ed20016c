using System.Text;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

/// <summary>What people read when a configuration is wrong. The sentences stand in <c>Golden/configuration-*.approved.txt</c>.</summary>
public sealed class ConfigurationErrorTests
{
    private const string Good = "{ id: 1, send-id: 1, recv-id: 1, secret: s }";

    [Fact]
    public void File_NotAConfiguration_SentenceAndHint() =>
        Golden.Match(
            Sentences(
                "",
                "# only a comment\n",
                "---\n",
                "null\n",
                "just text\n",
                "- a list\n",
                "{}\n",
                "key-chains:\n",
                "key-chains: []\n",
                "key-chains: core\n",
                "key-chains: { name: core }\n",
                "peers: []\n",
                "key-chains:\n\t- name: core\n",
                "key-chains: [\n",
                "key-chains: \"core\nmore\n",
                "key-chains: ]\n",
                "key-chains: [{ name: core, keys: [" + Good + "] }]\n---\nkey-chains: []\n",
                "%YAML 9.9\n---\nkey-chains: []\n",
                new string('[', 40) + "\n",
                "{ \"key-chains\": [ }\n"),
            "configuration-yaml");

    [Fact]
    public void Yaml_WhatIsLeftOut_IsRefusedWithItsPlace() =>
        Golden.Match(
            Sentences(
                Chain("&one " + Good + ", *one"),
                Chain("!key " + Good),
                Chain("{ <<: { id: 1 }, send-id: 1, recv-id: 1, secret: s }"),
                Chain("{ id: 1, id: 2, send-id: 1, recv-id: 1, secret: s }"),
                Chain("{ ? [a] : b, id: 1, send-id: 1, recv-id: 1, secret: s }"),
                "key-chain: []\nKey_Chains: []\n",
                "key-chains: []\nkey-chains: []\n"),
            "configuration-refused");

    [Fact]
    [Requirement("R-122", "R-126")]
    public void Keys_Wrong_EveryMistakeIsNamed() =>
        Golden.Match(
            Sentences(
                """
                key-chains:
                  - name: core
                    accept-tolerance: 60s
                    keys:
                      - id: 1
                        recv-id: 84
                        sendid: 61
                        send_id: 61
                        wholly-unknown: 1
                        secret: s
                """,
                Chain("{}"),
                Chain("{ id: 1, secret: s }"),
                Chain("null, text, [list]"),
                Chain("  null, text, [list]"),
                Chain("{ id: -1, send-id: 256, recv-id: abc, secret: s }"),
                Chain("{ id: 18446744073709551616, send-id: '61', recv-id: 0x10, secret: s }"),
                Chain("{ id: 1, send-id: 007, recv-id: 1.0, secret: s }"),
                Chain("{ id: 1, send-id: , recv-id: [1], secret: s }"),
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s, algorithm: hmac-sha1-96 }"),
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s, algorithm: blake3 }"),
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s, mac-length: 17 }"),
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s, mac-length: 3, algorithm: kmac-256-128 }"),
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s, include-tcp-options: yes, no-send: 'true' }"),
                Chain("{ id: 1, secret: s, algorithm: tcp-md5, mac-length: 12, include-tcp-options: true }"),
                "key-chains: [{ name: core, keys: [] }, { name: core, keys: [" + Good + "] }, { name: core, keys: [" + Good + "] }, { keys: [" + Good + "] }]\n",
                "key-chains: [{ name: core, accept-tolerance: 5 minutes, keys: 1 }, { name: \"a\\nb\" }]\n",
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s }, { id: 1, send-id: 1, recv-id: 1, secret: s }"),
                Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s }, { id: 2, secret: s, algorithm: tcp-md5 }")),
            "configuration-keys");

    [Fact]
    [Requirement("R-104", "R-112")]
    public void Secrets_Wrong_EveryMistakeIsNamed() =>
        Golden.Match(
            Sentences(
                Secret(""),
                Secret("secret: "),
                Secret("secret: ''"),
                Secret("secret-hex: ''"),
                Secret("secret-file: "),
                Secret("secret: [a]"),
                Secret("secret: " + new string('x', 81)),
                Secret("secret-hex: 123"),
                Secret("secret-hex: 0xABCD"),
                Secret("secret-hex: '00 11'"),
                Secret("secret-hex: " + new string('0', 162)),
                Secret("secret: a, secret-hex: 00"),
                Secret("secret-hex: 00, secret-file: a.key, secret: a"),
                Secret("secret-file: absent.key"),
                Secret("secret-file: /absent/absent.key"),
                Secret("secret-hex-file: absent.key"),
                Secret("secret-env: TCPAO_TEST_NEVER_SET"),
                Secret("secret-env: not-a-name"),
                Secret("secret-wrapped: abcd")),
            "configuration-secrets");

    [Fact]
    [Requirement("R-122")]
    public void Lifetimes_Wrong_EveryMistakeIsNamed() =>
        Golden.Match(
            Sentences(
                Lifetime("lifetime: forever"),
                Lifetime("lifetime: []"),
                Lifetime("lifetime: {}"),
                Lifetime("lifetime: { always: false }"),
                Lifetime("lifetime: { always: true, start: 2026-01-01T00:00:00Z }"),
                Lifetime("lifetime: { start: 2026-01-01 }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00 }"),
                Lifetime("lifetime: { start: 2026-02-30T00:00:00Z }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00Z, end: 2025-01-01T00:00:00Z }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00Z, end: 2027-01-01T00:00:00Z, duration: 1d }"),
                Lifetime("lifetime: { duration: 1d }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00Z, duration: 0 }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00Z, duration: 1.5h }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00Z, duration: 1w }"),
                Lifetime("lifetime: { start: 2026-01-01T00:00:00Z, duration: 5000000000 }"),
                Lifetime("lifetime: { strat: 2026-01-01T00:00:00Z }"),
                Lifetime("lifetime: always, send-lifetime: always"),
                Lifetime("no-send: true, send-lifetime: { start: 2026-01-01T00:00:00Z }"),
                Lifetime("no-recv: maybe")),
            "configuration-lifetimes");

    [Fact]
    public void DataPlane_Wrong_EveryMistakeIsNamed() =>
        Golden.Match(
            Sentences(
                $"queues: 0\n{Chain(Good)}",
                $"queues: 65\n{Chain(Good)}",
                $"survive-reboot: true\n{Chain(Good)}",
                $"survive-reboot: yes\nstate-file: ''\n{Chain(Good)}",
                $"accept-handshake-ack: 1\n{Chain(Good)}",
                Peers("{ name: a, remote: any, key-chain: core, lock-current-key: maybe, reject-unexpected: 0 }"),
                Peers("{ name: a, remote: any, key-chain: core, on-no-key: drop }"),
                $"metrics: {{}}\n{Chain(Good)}",
                $"metrics: {{ listen: 0.0.0.0:9825 }}\n{Chain(Good)}",
                $"metrics: {{ listen: 127.0.0.1 }}\n{Chain(Good)}",
                $"metrics: {{ port: 9825 }}\n{Chain(Good)}"),
            "configuration-data-plane");

    [Fact]
    public void Peers_Wrong_EveryMistakeIsNamed() =>
        Golden.Match(
            Sentences(
                Peers("{}"),
                Peers("{ name: a, remote: 192.0.2.1, key-chain: cire }"),
                Peers("{ name: a, remote: 192.0.2.1, key-chain: edge }"),
                Peers("{ name: a, remote: 192.0.2.1, key-chain: core }, { name: a, remote: 192.0.2.2, key-chain: core }"),
                Peers("{ name: a, remote: router1, key-chain: core }"),
                Peers("{ name: a, remote: 192.0.2, key-chain: core }"),
                Peers("{ name: a, remote: 192.0.2.1/33, key-chain: core }"),
                Peers("{ name: a, remote: 192.0.2.1/24, key-chain: core }"),
                Peers("{ name: a, remote: \"2001:db8::1/32\", key-chain: core }"),
                Peers("{ name: a, remote: \"fe80::1%eth0\", key-chain: core }"),
                Peers("{ name: a, remote: \"::ffff:192.0.2.1\", key-chain: core }"),
                Peers("{ name: a, remote: 192.0.2.1, local: \"2001:db8::1\", key-chain: core }"),
                Peers("{ name: a, remote: any, key-chain: core, port: 0 }"),
                Peers("{ name: a, remote: any, key-chain: core, port: 181-179 }"),
                Peers("{ name: a, remote: any, key-chain: core, port: bgp, remote-port: 70000 }"),
                Peers("{ name: a, remote: any, key-chain: core, port: 179, local-port: 179 }"),
                Peers("{ name: a, remote: any, key-chain: core, mode: requird, unknown-key: reject }"),
                Peers("{ name: a, remote: any, key-chain: core, accept-icmps: 1, local-nat: off }"),
                Peers("{ name: a, remote: any, key-chain: core, interface: a-name-that-is-too-long, vrf: 'a b' }"),
                Peers("{ name: a, neighbour: any, key-chain: core, keychain: core }"),
                "key-chains: []\npeers: [{ name: a, remote: any, key-chain: core }]\n"),
            "configuration-peers");

    [Fact]
    public void Error_Rendered_IsTheSentenceOfTheDesign()
    {
        string yaml = string.Join('\n', "key-chains:", "  - name: core", "    keys:", "      - id: 1", "        sendid: 61", "        send-id: 61", "        recv-id: 84", "        secret: s");
        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(yaml, "tcpao.yaml", "/"));

        Assert.Equal("tcpao.yaml:5:9: key-chains[core].keys[1]: unknown key 'sendid'; did you mean 'send-id'?", Assert.Single(exception.Errors).ToString());
        Assert.Equal(exception.Errors[0].ToString(), exception.Message);
    }

    [Fact]
    public void Load_FileCannotBeRead_OneSentence()
    {
        using TempFolder folder = new();
        string binary = folder.Write("binary.yaml", [0xFF, 0xFE, 0x00, 0x80]);

        Assert.Equal("DIR/absent.yaml: cannot read the configuration: no such file; check the name", LoadError(folder, "absent.yaml"));
        Assert.Equal("DIR/no/absent.yaml: cannot read the configuration: no such folder; check the name", LoadError(folder, "no/absent.yaml"));
        Assert.Equal("DIR/: cannot read the configuration: it is a directory; name the file in it", LoadError(folder, ""));
        Assert.Equal("DIR/binary.yaml: the file is not UTF-8 text; a configuration is YAML or JSON in UTF-8", LoadError(folder, Path.GetFileName(binary)));
    }

    [Fact]
    public void Load_ByteOrderMark_IsSkipped()
    {
        using TempFolder folder = new();
        string file = folder.Write("bom.yaml", "\uFEFF" + Chain(Good));

        Assert.Single(ConfigurationFile.Load(file).KeyChains);
    }

    [Fact]
    [Requirement("R-123")]
    public void Warnings_ChainWithAGap_ItsPlace()
    {
        string yaml = Chain("{ id: 1, send-id: 1, recv-id: 1, secret: s, no-send: true }, { id: 2, send-id: 2, recv-id: 2, secret: s, no-send: true, no-recv: true }");
        TcpAoConfiguration configuration = ConfigurationFile.Parse(yaml, "tcpao.yaml", "/");

        Assert.Equal(
            [
                "tcpao.yaml:2:23: key-chains[core].keys: no key of the chain may ever sign",
                "tcpao.yaml:4:1: key-chains[core].keys[2]: the key neither signs nor is accepted at any time",
            ],
            configuration.Warnings.Select(warning => warning.ToString()));
    }

    // a slow reader or a crash is a denial of service by a slip of the pen
    [Fact]
    public void Parse_AnyMutilationOfAGoodFile_ReadsOrReports()
    {
        string good = "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 61, recv-id: 84, secret: \"s\" , lifetime: always }\npeers:\n  - name: a\n    remote: 192.0.2.1\n    key-chain: core\n";
        Random random = new(20260101);
        const string Marks = "{}[]:,-#&*!|>'\"%@`?\\ \n\t\r\0a0\u00e9\uD83D";
        for (int round = 0; round < 5_000; round++)
        {
            StringBuilder text = new(good);
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, Math.Min(text.Length - at, random.Next(1, 9))),
                    1 => text.Insert(at, Marks[random.Next(Marks.Length)]),
                    _ => text.Insert(at, good[random.Next(good.Length)..]),
                };
            }

            try
            {
                _ = ConfigurationFile.Parse(text.ToString(), "tcpao.yaml", "/nonexistent");
            }
            catch (ConfigurationException exception)
            {
                Assert.NotEmpty(exception.Errors);
                Assert.All(exception.Errors, error => Assert.DoesNotContain('\n', error.ToString()));
            }
        }
    }

    private static string Chain(string keys) => $"key-chains:\n- {{ name: core, keys: [\n{keys.Replace("}, {", "},\n{", StringComparison.Ordinal)}] }}\n";

    private static string Secret(string secret) => Chain($"{{ id: 1, send-id: 1, recv-id: 1, {secret} }}");

    private static string Lifetime(string lifetime) => Chain($"{{ id: 1, send-id: 1, recv-id: 1, secret: s, {lifetime} }}");

    private static string Peers(string peers) => $"key-chains: [{{ name: core, keys: [{Good}] }}]\npeers:\n- {peers.Replace("}, {", "}\n- {", StringComparison.Ordinal)}\n";

    private static string Sentences(params string[] files)
    {
        StringBuilder text = new();
        foreach (string file in files)
        {
            text.Append(file.ReplaceLineEndings("\n").TrimEnd('\n')).Append("\n----\n");
            try
            {
                _ = ConfigurationFile.Parse(file, "tcpao.yaml", "/etc/tcpao-absent");
                text.Append("accepted\n");
            }
            catch (ConfigurationException exception)
            {
                text.Append(exception.Message).Append('\n');
            }

            text.Append("========\n");
        }

        return text.ToString();
    }

    private static string LoadError(TempFolder folder, string name) =>
        Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(Path.Combine(folder.Path, name) + (name.Length == 0 ? "/" : "")))
            .Message.Replace(folder.Path, "DIR", StringComparison.Ordinal).Replace("DIR//", "DIR/", StringComparison.Ordinal);
}
