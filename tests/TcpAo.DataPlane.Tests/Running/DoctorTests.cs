using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/reference/doctor.md: what is wrong, and the command that mends it.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void Doctor_BeforeDuringAndAfterAProgram_SaysWhatItFinds()
    {
        using var lab = new Lab();
        lab.Configure(new Peering(Lab.Port, new Key(1, 2, Secret: "not for the doctor")));
        Answer before = Examine(lab);
        Assert.Equal((0, string.Empty), (before.ExitCode, before.Error));
        Assert.Equal("tcpao.doctor/1", before.Json.GetProperty("schema").GetString());
        Assert.Equal("ok", ResultOf(before, "privilege"));
        Assert.Equal("ok", ResultOf(before, "kernel-queue"));
        Assert.Equal("ok", ResultOf(before, "kernel-destroy"));
        Assert.Equal("ok", ResultOf(before, "other-rules"));
        Assert.Equal("ok", ResultOf(before, "configuration"));
        Assert.Equal("note", ResultOf(before, "program"));

        lab.RunA.StartAndWait();
        Answer during = Examine(lab);
        Assert.Equal(0, during.ExitCode);
        Assert.Equal("ok", ResultOf(during, "program"));
        Assert.Equal("ok", ResultOf(during, "rules"));

        lab.RunA.Kill();
        Answer after = Examine(lab);
        Assert.Equal(1, after.ExitCode);
        Assert.False(after.Json.GetProperty("healthy").GetBoolean());
        Assert.Equal("problem", ResultOf(after, "leftover"));
        Assert.Equal("note", ResultOf(after, "control"));
        Assert.Contains("tcpao run --release", Find(after, "leftover")!.Value.GetProperty("mend").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, lab.RunA.Release().ExitCode);
        Answer released = Examine(lab);
        Assert.Equal(0, released.ExitCode);
        Assert.Null(Find(released, "leftover"));
        Assert.All((Answer[])[before, during, after, released], answer => Assert.DoesNotContain("not for the doctor", answer.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Doctor_OfAConfiguration_TellsErrorsAndOpenSecrets()
    {
        using var lab = new Lab();
        lab.Configure(new Peering(Lab.Port, new Key(1, 2)));
        File.SetUnixFileMode(lab.RunA.ConfigurationPath, File.GetUnixFileMode(lab.RunA.ConfigurationPath) | UnixFileMode.OtherRead);
        Answer open = Examine(lab);
        Assert.Equal(0, open.ExitCode);
        Assert.Contains("warning", open.Json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("name").GetString() is "configuration").Select(check => check.GetProperty("result").GetString()));
        Assert.Contains("chmod 600", open.Output, StringComparison.Ordinal);
        lab.RunA.Write("key-chain: []\n");
        Answer wrong = lab.RunA.Ask("doctor", "-c", lab.RunA.ConfigurationPath, "--state", lab.RunA.StatePath);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("did you mean 'key-chains'?", wrong.Output, StringComparison.Ordinal);
    }

    private static Answer Examine(Lab lab) => lab.RunA.Ask("doctor", "--json", "-c", lab.RunA.ConfigurationPath, "--state", lab.RunA.StatePath);

    private static string? ResultOf(Answer answer, string name) => Find(answer, name)?.GetProperty("result").GetString();

    private static JsonElement? Find(Answer answer, string name)
    {
        foreach (JsonElement check in answer.Json.GetProperty("checks").EnumerateArray())
        {
            if (string.Equals(check.GetProperty("name").GetString(), name, StringComparison.Ordinal))
            {
                return check;
            }
        }

        return null;
    }
}
