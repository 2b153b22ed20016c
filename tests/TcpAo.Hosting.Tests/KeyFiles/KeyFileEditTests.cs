using System.Text;
using TcpAo.Crypto;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Tests.Support;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.KeyFiles;

/// <summary>A verb changes the bytes that it has to and no others, in whatever style the file is written.</summary>
public sealed class KeyFileEditTests
{
    private const string Block = """
        # who to call: noc@example.net
        key-chains:
          - name: core        # the core
            accept-tolerance: 60s

            keys:
              # the first key
              - id: 1
                send-id: 61
                recv-id: 84   # theirs
                algorithm: aes-128-cmac-96
                secret: 'pass # word of ours'   # a text
              # behind the first key
              - id: 2
                send-id: 62
                recv-id: 85
                algorithm: aes-128-cmac-96
                secret-hex: 000102030405060708090a0b0c0d0e0f
                send-lifetime:
                  start: 2031-01-01T00:00:00Z   # new year
          # behind the chain
          - name: edge
            keys: [ { id: 7, send-id: 7, recv-id: 7, secret: edgeedgeedge } ]
        peers:
          - { name: a, remote: 192.0.2.1, key-chain: core }   # a peer

        """;

    private const string Flow = """
        key-chains:
          - { name: core, keys: [ { id: 1, send-id: 1, recv-id: 1, secret: first-secret-1 }, { id: 2, send-id: 2, recv-id: 2, secret: second-secret-2, lifetime: { start: 2031-01-01T00:00:00Z, duration: 30d } } ] }   # both

        """;

    private const string Json = """
        {
        	"key-chains": [
        		{
        			"name": "core",
        			"keys": [
        				{ "id": 1, "send-id": 1, "recv-id": 1, "secret": "first-secret-1" },
        				{ "id": "2", "send-id": 2, "recv-id": 2, "secret": "second-secret-2", "send-lifetime": { "start": "2031-01-01T00:00:00Z" } }
        			]
        		}
        	]
        }

        """;

    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    public void Add_ToABlockList_InsertsLinesInItsStyleAndNothingElse(string lineEnd, bool hasMark)
    {
        using TempFolder folder = new();
        string text = (hasMark ? "\uFEFF" : "") + Block.ReplaceLineEndings(lineEnd);
        string path = folder.Write("tcpao.yaml", text);
        KeyFileChange change = KeyFile.Open(path).Add("core", new NewKey { Secret = Secret.FromText("third-secret-3"), Storage = SecretStorage.Inline });
        change.Commit();
        string added = string.Join(
            lineEnd,
            "      - id: 3",
            "        send-id: 86",
            "        recv-id: 86",
            "        algorithm: aes-128-cmac-96",
            "        secret: third-secret-3",
            "");
        string anchor = $"          start: 2031-01-01T00:00:00Z   # new year{lineEnd}";
        Assert.Equal(text.Replace(anchor, anchor + added, StringComparison.Ordinal), Encoding.UTF8.GetString(File.ReadAllBytes(path)));
    }

    [Fact]
    public void Add_ToFlowLists_StaysInTheirStyle()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", Flow);
        KeyFile.Open(path).Add("core", new NewKey { Secret = Secret.FromText("it's a third"), Storage = SecretStorage.Inline }).Commit();
        Assert.Equal(
            Flow.Replace("duration: 30d } } ]", "duration: 30d } }, { id: 3, send-id: 3, recv-id: 3, algorithm: hmac-sha-1-96, secret: 'it''s a third' } ]", StringComparison.Ordinal),
            File.ReadAllText(path));

        path = folder.Write("tcpao.json", Json);
        KeyFile.Open(path).Add("core", new NewKey { Secret = Secret.FromText("a \"third\" one"), Storage = SecretStorage.Inline }).Commit();
        string text = File.ReadAllText(path);
        Assert.Contains("\"2031-01-01T00:00:00Z\" } },\n", text, StringComparison.Ordinal);
        Assert.Contains("{ \"id\": 3, \"send-id\": 3, \"recv-id\": 3, \"algorithm\": \"hmac-sha-1-96\", \"secret\": \"a \\u0022third\\u0022 one\" }\n\t\t\t]", text, StringComparison.Ordinal);
        Assert.Equal(3, KeyFile.Open(path).Chain("core").Keys.Length);
    }

    [Fact]
    public void Add_BehindALastLineWithoutLineEnd_StartsANewLine()
    {
        using TempFolder folder = new();
        const string Text = "key-chains:\n- name: core\n  keys:\n  - {id: 1, send-id: 1, recv-id: 1, secret: first-secret-1}";
        string path = folder.Write("tcpao.yaml", Text);
        KeyFile.Open(path).Add("core", new NewKey { Secret = Secret.FromText("second-secret-2"), Storage = SecretStorage.Inline }).Commit();
        Assert.Equal(Text + "\n  - { id: 2, send-id: 2, recv-id: 2, algorithm: hmac-sha-1-96, secret: second-secret-2 }\n", File.ReadAllText(path));
    }

    [Fact]
    public void Retire_OfABlockKey_TakesItsLinesAndLeavesTheCommentsAround()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", Block);
        KeyFile.Open(path).Retire("core", 2, replacement: null, s_now).Commit();
        int start = Block.IndexOf("      - id: 2", StringComparison.Ordinal);
        int end = Block.IndexOf("  # behind the chain", StringComparison.Ordinal);
        Assert.Equal(Block[..start] + Block[end..], File.ReadAllText(path));
    }

    [Theory]
    [InlineData(1UL, "{ id: 1, send-id: 1, recv-id: 1, secret: first-secret-1 }, ")]
    public void Retire_OfAFlowKey_TakesItsCommaToo(ulong id, string gone)
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", Flow);
        KeyFile.Open(path).Retire("core", id, replacement: 2, s_now).Commit();
        string expected = Flow.Replace(gone, "", StringComparison.Ordinal)
            .Replace("lifetime: { start: 2031-01-01T00:00:00Z, duration: 30d }", "send-lifetime: { start: 2026-11-27T12:00:00Z, end: 2031-01-31T00:00:00Z }, accept-lifetime: { start: 2026-11-27T12:00:00Z, end: 2031-01-31T00:00:00Z }", StringComparison.Ordinal);
        Assert.Equal(expected, File.ReadAllText(path));
        path = folder.Write("last.yaml", Flow);
        KeyFile.Open(path).Retire("core", 2, replacement: null, s_now).Commit();
        Assert.Equal(Flow[..Flow.IndexOf(", { id: 2", StringComparison.Ordinal)] + " ] }   # both\n", File.ReadAllText(path));
    }

    [Fact]
    public void Retire_OfAKeyThatIsNeeded_IsRefused()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", Block);
        KeyFile file = KeyFile.Open(path);
        Assert.Contains("signs now", Refused(() => file.Retire("core", 1, null, s_now)), StringComparison.Ordinal);
        Assert.Contains("the last one", Refused(() => file.Retire("edge", 7, null, s_now)), StringComparison.Ordinal);
        Assert.Contains("has no key 9", Assert.Throws<KeyFileException>(() => file.Retire("core", 9, null, s_now)).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'core'", Assert.Throws<KeyFileException>(() => file.Retire("cor", 1, null, s_now)).Message, StringComparison.Ordinal);
        Assert.Equal(Block, File.ReadAllText(path));
    }

    [Fact]
    public void Retire_Forced_SwapsInTheReplacementAtOnceAndWarns()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", Block);
        KeyFileChange change = KeyFile.Open(path).Retire("core", 1, replacement: 2, s_now);
        Assert.Contains("sessions are lost", Assert.Single(change.Warnings), StringComparison.Ordinal);
        change.Commit();
        KeyChain core = KeyFile.Open(path).Chain("core");
        Assert.Equal(2UL, Assert.Single(core.Keys).Id);
        Assert.Same(core.Keys[0].Key, KeyChainSelector.SendKey(core, s_now));
        Assert.Contains("start: 2026-11-27T12:00:00Z   # new year", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("R-121", "R-123")]
    public void Rollover_OfAChain_AcceptsFirstThenSignsAndEndsTheOldKey()
    {
        using TempFolder folder = new();
        string text = Block[..Block.IndexOf("      # behind the first key", StringComparison.Ordinal)] + Block[Block.IndexOf("  # behind the chain", StringComparison.Ordinal)..];
        string path = folder.Write("tcpao.yaml", text);
        var times = new RolloverTimes(TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        KeyFileChange change = KeyFile.Open(path).Rollover("core", new NewKey(), times, s_now);
        Assert.Empty(change.Warnings);
        Assert.Equal(text, File.ReadAllText(path));
        change.Commit();
        string changed = File.ReadAllText(path);
        Assert.Contains("# a text\n        send-lifetime: { end: 2026-11-27T15:00:00Z }\n        accept-lifetime: { end: 2026-11-27T17:00:00Z }\n      - id: 2\n", changed, StringComparison.Ordinal);
        Assert.StartsWith(text[..text.IndexOf("  # behind the chain", StringComparison.Ordinal)], changed, StringComparison.Ordinal);
        Assert.EndsWith(text[text.IndexOf("  # behind the chain", StringComparison.Ordinal)..], changed, StringComparison.Ordinal);
        KeyChain core = KeyFile.Open(path).Chain("core");
        (AoKey old, AoKey young) = (core.Keys[0].Key, core.Keys[1].Key);
        Assert.Equal((young.SendId, old.Algorithm), (young.RecvId, young.Algorithm));
        Assert.Equal((old, young), (KeyChainSelector.SendKey(core, s_now.AddMinutes(59)), KeyChainSelector.SendKey(core, s_now.AddHours(1))));
        Assert.All([0, 0.5, 1, 2.9, 4.9], hours => Assert.True(old.CanAccept(s_now.AddHours(hours)) && young.CanAccept(s_now.AddHours(hours))));
        Assert.Empty(KeyChainCheck.Check([core], s_now).Where(finding => finding.Severity != KeyFindingSeverity.Note));
    }

    [Theory]
    [InlineData("", "send-lifetime: { end: 2026-11-27T14:00:00Z }, accept-lifetime: { end: 2026-11-27T15:00:00Z }")]
    [InlineData("lifetime: always", "send-lifetime: { end: 2026-11-27T14:00:00Z }, accept-lifetime: { end: 2026-11-27T15:00:00Z }")]
    [InlineData("lifetime: { start: 2025-01-01T00:00:00Z }", "send-lifetime: { start: 2025-01-01T00:00:00Z, end: 2026-11-27T14:00:00Z }, accept-lifetime: { start: 2025-01-01T00:00:00Z, end: 2026-11-27T15:00:00Z }")]
    [InlineData("send-lifetime: { start: 2025-01-01T00:00:00Z }, accept-lifetime: always", "send-lifetime: { start: 2025-01-01T00:00:00Z, end: 2026-11-27T14:00:00Z }, accept-lifetime: { end: 2026-11-27T15:00:00Z }")]
    [InlineData("send-lifetime: { start: 2025-01-01T00:00:00Z, end: 2040-01-01T00:00:00+01:00 }, accept-lifetime: { always: true }", "send-lifetime: { start: 2025-01-01T00:00:00Z, end: 2026-11-27T14:00:00Z }, accept-lifetime: { end: 2026-11-27T15:00:00Z }")]
    [InlineData("send-lifetime: { start: 2025-01-01T00:00:00Z, duration: 5000d }, no-recv: false", "send-lifetime: { start: 2025-01-01T00:00:00Z, end: 2026-11-27T14:00:00Z }, no-recv: false, accept-lifetime: { end: 2026-11-27T15:00:00Z }")]
    public void Rollover_OfAKeyWithAnyFormOfLifetime_WritesItsEnds(string written, string expected)
    {
        using TempFolder folder = new();
        string start = "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 1, recv-id: 1, secret: first-secret-1";
        string path = folder.Write("tcpao.yaml", $"{start}{(written.Length == 0 ? "" : ", ")}{written} }}\n");
        KeyFile.Open(path).Rollover("core", new NewKey { Secret = Secret.FromText("second-secret-2") }, new RolloverTimes(TimeSpan.FromHours(1), TimeSpan.FromHours(1)), s_now).Commit();
        Assert.StartsWith($"{start}, {expected} }}\n      - {{ id: 2, send-id: 2, recv-id: 2, ", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Commit_OfAFile_KeepsModeAndMakesSecretFilesPrivate()
    {
        using TempFolder folder = new();
        folder.Write("core-1.key", "a-secret-in-a-file");
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        string path = folder.Write("tcpao.yaml", "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 1, recv-id: 1, secret-file: core-1.key }\n", Mode);
        KeyFileChange change = KeyFile.Open(path).Rollover("core", new NewKey(), new RolloverTimes(TimeSpan.Zero, TimeSpan.FromHours(1)), s_now);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        change.Commit();
        Assert.Equal(Mode, File.GetUnixFileMode(path));
        string secret = Assert.Single(change.NewFiles);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);

        // letters and digits, as the key before it
        Assert.Equal(27, File.ReadAllText(secret).Length);
        Assert.Equal("core-2.key", Path.GetFileName(secret));
    }

    [Fact]
    public void Commit_OfAFileThatWasChangedMeanwhile_ChangesNothing()
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", Block);
        KeyFileChange change = KeyFile.Open(path).Add("core", new NewKey { Storage = SecretStorage.File });
        string other = Block.Replace("noc@", "ops@", StringComparison.Ordinal);
        folder.Write("tcpao.yaml", other);
        Assert.Contains("changed by somebody else", Assert.Throws<KeyFileException>(change.Commit).Message, StringComparison.Ordinal);
        Assert.Equal(other, File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Commit_ThroughASymbolicLink_ReplacesWhatItNames()
    {
        using TempFolder folder = new();
        string path = folder.Write("real.yaml", Flow);
        string link = Path.Combine(folder.Path, "link.yaml");
        File.CreateSymbolicLink(link, path);
        KeyFile.Open(link).Retire("core", 2, null, s_now).Commit();
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Single(KeyFile.Open(path).Chain("core").Keys);
    }

    [Theory]
    [InlineData("key-chains:\n  - name: core\n    keys:\n      -\n        id: 1\n        send-id: 1\n        recv-id: 1\n        secret: first-secret-1\n")]
    [InlineData("key-chains:\n  - name: core\n    keys:\n      - # one\n        id: 1\n        send-id: 1\n        recv-id: 1\n        secret: first-secret-1\n")]
    [InlineData("key-chains:\n  - name: core\n    keys:\n    - id: 1\n      send-id: 1\n      recv-id: 1\n      secret: |-\n        first-secret-1\n")]
    [InlineData("key-chains: [{name: core, keys: [\n  {id: 1, send-id: 1,\n   recv-id: 1, secret: first-secret-1}   # the only one\n  ]}]\n")]
    [InlineData("{\"key-chains\":[{\"name\":\"core\",\"keys\":[{\"id\":1,\"send-id\":1,\"recv-id\":1,\"secret\":\"first-secret-1\"}]}]}")]
    public void Rollover_OfOddButRightStyles_IsDoneRightOrRefused(string text)
    {
        using TempFolder folder = new();
        string path = folder.Write("tcpao.yaml", text);
        try
        {
            KeyFile.Open(path).Rollover("core", new NewKey(), new RolloverTimes(TimeSpan.Zero, TimeSpan.FromHours(1)), s_now).Commit();
            Assert.Equal(2, KeyFile.Open(path).Chain("core").Keys.Length);
        }
        catch (KeyFileException refusal)
        {
            Assert.Equal(KeyFileFailure.CannotEdit, refusal.Failure);
            Assert.Equal(text, File.ReadAllText(path));
        }
    }

    private static string Refused(Func<KeyFileChange> action)
    {
        KeyFileException refusal = Assert.Throws<KeyFileException>(action);
        Assert.Equal(KeyFileFailure.Refused, refusal.Failure);
        return refusal.Message;
    }
}
