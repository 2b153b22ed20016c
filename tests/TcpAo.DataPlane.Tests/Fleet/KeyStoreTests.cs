using System.Text.Json.Nodes;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>docs/reference/key-store.md: what the store brings, and what a host makes of it.</summary>
public sealed class KeyStoreTests
{
    [Fact]
    [Trait("Requirement", "R-124")]
    public void Document_ThatIsWrong_ChangesNothingAndIsTold()
    {
        using var lab = new FleetLab(2, members: 1);
        lab.Start();
        string good = lab.ReadDocument();
        AssertRefused(lab, "no document at all", "not tcpao.chain/1");
        AssertRefused(lab, good.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal), "was changed since");
        AssertRefused(lab, null, "the store no longer has the chain");
        Answer status = lab.Fleet("status");
        Assert.Equal(1, status.ExitCode);
        lab.WriteDocument(good);
        Wait.Until(() => lab.Fleet("status").ExitCode == 0, "both hosts are content");

        // a document that was right once
        Assert.Equal(0, lab.Finish().ExitCode);
        string newer = lab.ReadDocument();
        AssertRefused(lab, good, "somebody brings an old one again");
        lab.AssertAllUse(2);

        // also after a start, by the copy on disk
        lab.Runs[0].Kill();
        lab.Runs[0].StartAndWait();
        lab.Runs[0].WaitFor("somebody brings an old one again");
        lab.WriteDocument(newer);
        Wait.Until(() => lab.Fleet("status").ExitCode == 0, "both hosts are content");

        // a copy that somebody changed is worth nothing, and the store is there
        lab.Runs[0].Kill();
        string copy = Path.Combine(lab.Folder, "r1.cache");
        JsonNode cache = JsonNode.Parse(File.ReadAllText(copy))!;
        byte[] content = Convert.FromBase64String(cache["chains"]![0]!["sealed"]!.GetValue<string>());
        content[40] ^= 1;
        cache["chains"]![0]!["sealed"] = Convert.ToBase64String(content);
        File.WriteAllText(copy, cache.ToJsonString());
        lab.Runs[0].StartAndWait();
        lab.Runs[0].WaitFor("was sealed with another key-encryption key, or changed since");
        lab.Runs[0].WaitFor("of the key store is in force");
    }

    [Fact]
    [Trait("Requirement", "R-124")]
    public void Host_ThatIsRemoved_LearnsNoLaterKey()
    {
        using var lab = new FleetLab(3, members: 1);
        lab.Start();

        // another key-encryption key for all but r3; the old one stays with them as long as it is needed
        const string Both = "kek-file: new.kek, old-kek-file: core.kek";
        const string New = "kek-file: new.kek";
        Assert.Equal(0, lab.Operator.Command("keys", "generate", "--kek", "--out", Path.Combine(lab.Folder, "new.kek")).ExitCode);
        lab.Operator.Write(lab.StoreSection("operator", Both));
        lab.Runs[0].Reload(lab.Configuration(0, Both));
        lab.Runs[1].Reload(lab.Configuration(1, Both));
        Wait.Until(() => lab.Fleet("rewrap", FleetLab.Chain).ExitCode == 0, "the chain is under the new key-encryption key");
        lab.Runs[0].WaitFor("of the key store is in force");
        lab.Runs[1].WaitFor("of the key store is in force");
        lab.Runs[2].WaitFor("not sealed with this chain's key-encryption key");
        lab.AssertAllTalk();

        // r3 goes on with what it has, and stands in the way until it is gone
        Wait.Until(() => lab.Fleet("hosts", FleetLab.Chain, "--remove", "r3") is { ExitCode: 0 or 1 }, "the list of hosts is without r3");
        Answer stopped = lab.Fleet("rollover", FleetLab.Chain, "--wait", "1s");
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("r3 uses the chain and is none of its hosts", stopped.Error, StringComparison.Ordinal);
        lab.Runs[2].Kill();
        lab.Runs[0].Reload(lab.Configuration(0, New, without: 2));
        lab.Runs[1].Reload(lab.Configuration(1, New, without: 2));
        Answer resumed = lab.Finish("--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);

        // who has the old key-encryption key alone reads nothing of what came since
        Assert.Throws<System.Security.Cryptography.CryptographicException>(lab.UnwrapFirstKey);
        lab.Runs[2].StartAndWait();
        lab.Runs[2].WaitFor("not sealed with this chain's key-encryption key");
    }

    private static void AssertRefused(FleetLab lab, string? document, string why)
    {
        int before = lab.Runs.Sum(run => run.Log.Split(why).Length);
        lab.WriteDocument(document);
        Wait.Until(() => lab.Runs.Sum(run => run.Log.Split(why).Length) >= before + lab.Runs.Count, $"both hosts say '{why}'");
        lab.AssertAllTalk();
        Assert.All(lab.Runs, run => Assert.Contains(why, run.Show().GetProperty("key-store").GetProperty("chains")[0].GetProperty("problem").GetString(), StringComparison.Ordinal));
    }
}
