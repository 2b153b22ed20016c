using System.Diagnostics;
using System.Text;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>docs/guide/fleet.md: five hosts with connections between all of them and a real etcd, rolled over together.</summary>
public sealed class RolloverTests
{
    private const int Hosts = 5;

    [Fact]
    [Trait("Requirement", "R-047")]
    public void Rollover_OfFiveHosts_CompletesAndSurvivesAKilledCoordinatorAtEachStep()
    {
        using var lab = new FleetLab(Hosts, members: 1);
        lab.Start();
        lab.AssertAllTalk();
        Answer first = lab.Finish();
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("complete; key 2 is in use on all 5 hosts", first.Error, StringComparison.Ordinal);
        lab.AssertAllTalk();
        lab.AssertAllUse(2);

        // another coordinator is killed as soon as it has said that a step is on
        KillAt(lab, "step accept", "rollover", FleetLab.Chain);
        KillAt(lab, "step send", "rollover", FleetLab.Chain, "--resume");
        KillAt(lab, "step retire", "rollover", FleetLab.Chain, "--resume");
        Answer last = lab.Finish("--resume");
        Assert.True(last.ExitCode == 0 || last.Error.Contains("no rollover of core is under way", StringComparison.Ordinal), last.Error);
        lab.AssertAllTalk();
        lab.AssertAllUse(3);

        Answer status = lab.Fleet("status", "--json");
        Assert.Equal((0, 3), (status.ExitCode, status.Json.GetProperty("key-chains")[0].GetProperty("keys")[0].GetProperty("id").GetInt32()));
        AssertNoSecret(lab, first.Error, first.Output, last.Error, status.Output, status.Error, lab.Fleet("status").Output);
    }

    [Fact]
    [Trait("Requirement", "R-047")]
    public void Rollover_WithAMemberKilledAndAHostCutOff_StopsSafelyAndGoesOn()
    {
        using var lab = new FleetLab(Hosts, members: 3);
        lab.Start();
        lab.Members[0].Kill();
        Answer first = lab.Finish();
        Assert.True(first.ExitCode == 0, first.Error);
        lab.AssertAllTalk();
        lab.AssertAllUse(2);

        lab.SetLink(3, isUp: false);
        Answer stopped = lab.Fleet("rollover", FleetLab.Chain, "--wait", "3s");
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("stopped at step accept", stopped.Error, StringComparison.Ordinal);
        Assert.Contains("r3", stopped.Error, StringComparison.Ordinal);
        Answer status = lab.Fleet("rollover", FleetLab.Chain, "--status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("waits: r3", status.Output, StringComparison.Ordinal);
        Assert.Equal(1, lab.Fleet("rollover", FleetLab.Chain).ExitCode);
        lab.SetLink(3, isUp: true);
        lab.AssertAllTalk();
        Answer resumed = lab.Finish("--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        lab.AssertAllTalk();
        lab.AssertAllUse(3);

        // and back from a rollover that cannot go on
        lab.SetLink(5, isUp: false);
        Assert.Equal(1, lab.Fleet("rollover", FleetLab.Chain, "--wait", "3s").ExitCode);
        lab.SetLink(5, isUp: true);
        Answer aborted = lab.Finish("--abort");
        Assert.True(aborted.ExitCode == 0, aborted.Error);
        lab.AssertAllTalk();
        lab.AssertAllUse(3);

        // no majority: nothing in use changes, and a host starts from its copy
        lab.Members[1].Kill();
        Answer lost = lab.Fleet("rollover", FleetLab.Chain);
        Assert.Equal(5, lost.ExitCode);
        lab.AssertAllTalk();
        lab.Runs[0].Kill();
        lab.Runs[0].StartAndWait();
        lab.AssertAllTalk();
        Assert.Equal("store", lab.Runs[0].Show().GetProperty("key-chains")[0].GetProperty("source").GetString());
    }

    private static void KillAt(FleetLab lab, string step, params string[] arguments)
    {
        using Process coordinator = lab.Operator.StartAlone(["fleet", .. arguments, "-c", lab.OperatorFile]);
        var said = new StringBuilder();
        while (Wait.ForResult(coordinator.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
        {
            said.AppendLine(line);
            if (line.Contains(step, StringComparison.Ordinal))
            {
                break;
            }
        }

        coordinator.Kill();
        coordinator.WaitForExit();

        // a step may have been over before the kill
        Assert.True(said.ToString().Contains("step ", StringComparison.Ordinal) || said.ToString().Contains("no rollover", StringComparison.Ordinal), said.ToString());
        lab.AssertAllTalk();
    }

    /// <summary>A file as it is; .NET heeds the lock that a store has on its own.</summary>
    private static byte[] Read(string file)
    {
        using Process cat = Process.Start(new ProcessStartInfo("cat", [file]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        using var content = new MemoryStream();
        cat.StandardOutput.BaseStream.CopyTo(content);
        cat.WaitForExit();
        return content.ToArray();
    }

    /// <summary>Whoever reads the store's data, its log, our logs, status, copies and files finds no secret: neither the first one nor one that was made here.</summary>
    private static void AssertNoSecret(FleetLab lab, params string[] said)
    {
        byte[][] secrets = [Encoding.UTF8.GetBytes(FleetLab.Secret), lab.UnwrapFirstKey(), File.ReadAllBytes(Path.Combine(lab.Folder, "core.kek"))[..64]];
        byte[][] forms = [.. secrets.SelectMany(secret => (byte[][])[
            secret,
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret)),
            Encoding.ASCII.GetBytes(Convert.ToHexString(secret)),
            Encoding.ASCII.GetBytes(Convert.ToBase64String(secret))])];
        IEnumerable<(string Where, byte[] Content)> texts = said.Concat(lab.Members.Select(member => member.Log)).Concat(lab.Runs.Select(run => run.Log)).Concat(lab.Runs.Select(run => run.Show().GetRawText()))
            .Select(text => (text, Encoding.UTF8.GetBytes(text)));

        // the operator's file and the key-encryption key are what nobody else has
        string[] own = [Path.Combine(lab.Folder, "core.yaml"), Path.Combine(lab.Folder, "core.kek")];
        string[] files = [.. Directory.GetFiles(lab.Folder, "*", SearchOption.AllDirectories).Except(own).Where(file => Path.GetExtension(file) is not (".sock" or ".exec"))];
        Assert.Contains(files, file => file.EndsWith(".wal", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith("r1.cache", StringComparison.Ordinal));
        foreach ((string where, byte[] content) in texts.Concat(files.Select(file => (file, Read(file)))))
        {
            Assert.DoesNotContain(forms, form => content.AsSpan().IndexOf(form) >= 0);
        }

        foreach (TcpaoProcess run in lab.Runs)
        {
            JsonElement shown = run.Show();
            Assert.Matches("Max core file size +0 +0 +bytes", File.ReadAllText($"/proc/{shown.GetProperty("process-id").GetInt32()}/limits"));
        }
    }
}
