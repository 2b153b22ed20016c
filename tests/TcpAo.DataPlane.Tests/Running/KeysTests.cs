using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary><c>tcpao keys</c> against running programs: a rollover of a live session, and who is on the new key.</summary>
public sealed class KeysTests
{
    private const string Secret = "never to be told, in no output";

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-046")]
    [Trait("Requirement", "R-058")]
    public void Rollover_OfALiveSession_LagsUntilThePeerHasTheKeyAndLosesNothing()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(61, 84, Secret: Secret)));
        using Session session = Session.Open(lab);
        session.Exchange();
        Answer status = lab.RunA.Ask("keys", "status", "--json");
        Assert.Equal((0, string.Empty), (status.ExitCode, status.Error));
        JsonElement use = Assert.Single(status.Json.GetProperty("connections").EnumerateArray());
        Assert.Equal((61, 84, true), (Number(use, "send-id"), Number(use, "received-id"), use.GetProperty("settled").GetBoolean()));
        Assert.NotEqual(JsonValueKind.Null, use.GetProperty("send-since").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, use.GetProperty("received-since").ValueKind);

        // accepted and asked for at once, signing at once; the other end does not have it
        string yaml = lab.RunA.ConfigurationPath;
        Answer rolled = lab.RunA.Ask("keys", "rollover", $"c{Lab.Port}", "-c", yaml, "--lead", "0", "--overlap", "1h", "--send-id", "5", "--recv-id", "6", "--reload");
        Assert.Equal(0, rolled.ExitCode);
        Assert.Contains("key 2 comes: send-id 5, recv-id 6", rolled.Output, StringComparison.Ordinal);
        session.Exchange();
        Answer lagging = lab.RunA.Ask("keys", "status", "--json");
        Assert.Equal(1, lagging.ExitCode);
        use = Assert.Single(lagging.Json.GetProperty("connections").EnumerateArray());
        Assert.Equal("the peer signs with 84 and is asked for 6", use.GetProperty("pending").GetString());
        Assert.Equal((61, 5, 6), (Number(use, "send-id"), Number(use, "wanted-send-id"), Number(use, "wanted-received-id")));
        Assert.Contains("is asked for 6", lab.RunA.Ask("keys", "status").Output, StringComparison.Ordinal);

        // the key by hand to the other side, as an operator would: its JSON with ids swapped
        string json = Path.Combine(Path.GetDirectoryName(yaml)!, "other-side.json");
        File.WriteAllText(json, Run(lab, "keys", "export", $"c{Lab.Port}", "-c", yaml, "--other-side", "--with-secrets"));
        Answer imported = lab.RunB.Ask("keys", "rollover", $"c{Lab.Port}", "-c", lab.RunB.ConfigurationPath, "--lead", "0", "--overlap", "1h", "--send-id", "6", "--recv-id", "5", "--secret-file", SecretOf(json), "--reload");
        Assert.Equal((0, imported.Error), (imported.ExitCode, imported.Error));
        session.Exchange();
        session.Exchange();
        lab.RunA.WaitFor("signs with key id 5 now");
        lab.RunB.WaitFor("signs with key id 6 now");
        session.Exchange();
        Answer settled = lab.RunA.Ask("keys", "status", "--json");
        Assert.Equal(0, settled.ExitCode);
        use = Assert.Single(settled.Json.GetProperty("connections").EnumerateArray());
        Assert.Equal((5, 6), (Number(use, "send-id"), Number(use, "received-id")));
        Assert.Equal(0u, lab.RunA.Show().GetProperty("counters").GetProperty("bad").GetUInt64());

        // the one that signs is not retired, the other is
        Assert.Equal(1, RunKeys(lab, "retire", $"c{Lab.Port}", "2", "-c", yaml).ExitCode);
        Assert.Equal(0, lab.RunA.Ask("keys", "retire", $"c{Lab.Port}", "1", "-c", yaml, "--reload").ExitCode);
        session.Exchange();
        string everything = string.Join('\n', status.Output, lagging.Output, settled.Output, rolled.Output, rolled.Error, imported.Output, lab.RunA.Log, lab.RunB.Log);
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-124")]
    public void Run_WithWrappedSecrets_UnwrapsThemAndHasNoCoreDumps()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(61, 84, Secret: Secret)));
        using Session session = Session.Open(lab);
        string yaml = lab.RunA.ConfigurationPath;
        string kek = Path.Combine(Path.GetDirectoryName(yaml)!, "kek");
        Assert.Equal(0, RunKeys(lab, "generate", "--kek", "--out", kek).ExitCode);
        File.WriteAllText(yaml, $"kek-file: {kek}\n{File.ReadAllText(yaml)}");
        Assert.Equal(0, lab.RunA.Ask("keys", "wrap", "-c", yaml, "--reload").ExitCode);
        Assert.DoesNotContain(Secret, File.ReadAllText(yaml), StringComparison.Ordinal);
        session.Exchange();
        int process = lab.RunA.Show().GetProperty("process-id").GetInt32();
        Assert.Matches("Max core file size +0 +0 +bytes", File.ReadAllText($"/proc/{process}/limits"));

        // and a key-encryption key that is gone changes nothing
        File.Delete(kek);
        Assert.Equal(3, lab.RunA.Ask("reload").ExitCode);
        session.Exchange();
    }

    private static Answer RunKeys(Lab lab, params string[] arguments) => lab.RunA.Command(["keys", .. arguments]);

    private static string Run(Lab lab, params string[] arguments)
    {
        Answer answer = lab.RunA.Command(arguments);
        Assert.Equal(0, answer.ExitCode);
        return answer.Output;
    }

    /// <summary>The secret of the new key as a file.</summary>
    private static string SecretOf(string json)
    {
        JsonElement key = JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("ietf-key-chain:key-chains").GetProperty("key-chain")[0].GetProperty("key")[1];
        Assert.Equal(6, key.GetProperty("ietf-tcp:authentication").GetProperty("ao").GetProperty("send-id").GetInt32());
        string path = Path.ChangeExtension(json, ".key");
        File.WriteAllText(path, key.GetProperty("key-string").GetProperty("keystring").GetString());
        return path;
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
