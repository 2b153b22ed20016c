using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/reference/control.md: what a running program tells, and to whom.</summary>
public sealed class ControlTests
{
    private const string Secret = "never to be told, in no output";

    private static readonly Key s_key = new(61, 84, Secret: Secret);

    [Fact]
    [Trait("Requirement", "R-058")]
    public void Show_OfALiveSession_TellsItsStateAndNoSecret()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        using Session session = Session.Open(lab);
        session.Exchange();
        JsonElement shown = lab.RunA.Show();
        Assert.Equal("tcpao.show/1", shown.GetProperty("schema").GetString());
        Assert.True(shown.GetProperty("rules").GetProperty("intact").GetBoolean());
        Assert.Equal(0, shown.GetProperty("queues")[0].GetProperty("user-dropped").GetInt64());
        JsonElement connection = Assert.Single(shown.GetProperty("connections").EnumerateArray());
        Assert.Equal($"{Lab.B4}:{Lab.Port}", connection.GetProperty("remote").GetString());
        Assert.Equal(("p179-4", "synchronized", "signed"), (Text(connection, "peer"), Text(connection, "state"), Text(connection, "protection")));
        Assert.Equal((61, 84), (connection.GetProperty("current-key-id").GetInt32(), connection.GetProperty("rnext-key-id").GetInt32()));
        Assert.Equal((84, 61), (connection.GetProperty("last-key-id").GetInt32(), connection.GetProperty("last-rnext-key-id").GetInt32()));
        Assert.NotEqual(0u, connection.GetProperty("counters").GetProperty("good").GetUInt64());
        Assert.Equal(0u, shown.GetProperty("counters").GetProperty("bad").GetUInt64());
        JsonElement key = shown.GetProperty("key-chains")[0].GetProperty("keys")[0];
        Assert.Equal(("hmac-sha-1-96", "now", 16), (Text(key, "algorithm"), Text(key, "send"), Text(key, "fingerprint")!.Length));
        Assert.Contains(shown.GetProperty("peers").EnumerateArray(), peer => Text(peer, "name") is "p179-4" && peer.GetProperty("protected").GetInt32() == 1);

        Answer text = lab.RunA.Ask("show");
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("rules: intact", text.Output, StringComparison.Ordinal);
        Assert.Contains("synchronized", text.Output, StringComparison.Ordinal);
        Answer reload = lab.RunA.Ask("reload", "--json");
        string everything = string.Join('\n', shown.GetRawText(), text.Output, text.Error, reload.Output, reload.Error, lab.RunA.Log);
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Secret)), everything, StringComparison.OrdinalIgnoreCase);
        session.Exchange();
    }

    [Fact]
    public void Show_Watch_GoesOnUntilInterrupted()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        using Process watch = lab.RunA.StartAsking("show", "counters", "--watch", "0.1");
        for (int shown = 0; shown < 3;)
        {
            string? line = Wait.ForResult(watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());
            shown += line!.Contains("key-not-found", StringComparison.Ordinal) ? 1 : 0;
        }

        using (Process kill = Process.Start("/bin/sh", ["-c", $"kill -INT {watch.Id}"]))
        {
            kill.WaitForExit();
        }

        Assert.True(watch.WaitForExit(Wait.Milliseconds));
        Assert.Equal((130, string.Empty), (watch.ExitCode, watch.StandardError.ReadToEnd()));
    }

    [Fact]
    public void Show_WatchWhoseReaderHasGone_Ends()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        using Process watch = lab.RunA.StartAsking("show", "--watch", "0.1");
        Wait.For(watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());
        watch.StandardOutput.Dispose();
        Assert.True(watch.WaitForExit(Wait.Milliseconds), "it went on");
        Assert.Equal((0, string.Empty), (watch.ExitCode, watch.StandardError.ReadToEnd()));
    }

    [Theory]
    [InlineData("show")]
    [InlineData("reload")]
    public void Command_WithoutAProgram_EndsWithFiveAndOneSentence(string command)
    {
        using var lab = new Lab();
        Answer answer = lab.RunA.Ask(command);
        Assert.Equal((5, string.Empty), (answer.ExitCode, answer.Output));
        Assert.Contains("tcpao run", Assert.Single(answer.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Reload_DryRun_ListsWhatItWouldDoAndDoesNothing()
    {
        const int Bare = 4711;
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        using Session session = Session.Open(lab);
        using Session bare = Session.Open(lab, Bare);
        bare.Exchange();
        lab.RunA.Write(Peering.Configuration([new Peering(Lab.Port, new Key(3, 4, Secret: Secret)), new Peering(Bare, s_key)], Lab.B4, Lab.B6, isMirrored: false));

        Answer dry = lab.RunA.Ask("reload", "--dry-run", "--json");
        Assert.Equal((0, string.Empty), (dry.ExitCode, dry.Error));
        Assert.False(dry.Json.GetProperty("in-force").GetBoolean());
        AssertPlan(dry.Json, $"{Lab.B4}:{Bare}");
        bare.Exchange();
        session.Exchange();
        Assert.DoesNotContain(lab.RunA.Show().GetProperty("peers").EnumerateArray(), peer => Text(peer, "name") is "p4711-4");

        Answer wet = lab.RunA.Ask("reload", "--json");
        Assert.Equal((0, string.Empty), (wet.ExitCode, wet.Error));
        Assert.True(wet.Json.GetProperty("in-force").GetBoolean());
        AssertPlan(wet.Json, $"{Lab.B4}:{Bare}");
        Assert.Throws<SocketException>(() => bare.A.Receive(new byte[1]));
        session.Exchange();
    }

    [Fact]
    public void Reload_OfAWrongFile_ListsAllErrorsAndChangesNothing()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        using Session session = Session.Open(lab);
        string good = File.ReadAllText(lab.RunA.ConfigurationPath);
        lab.RunA.Write(good.Replace("secret:", "sekret:", StringComparison.Ordinal).Replace("peers:", "control: { grup: x }\npeers:", StringComparison.Ordinal));
        Answer answer = lab.RunA.Ask("reload");
        Assert.Equal((3, string.Empty), (answer.ExitCode, answer.Output));
        Assert.Contains($"{lab.RunA.ConfigurationPath}:4:", answer.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'secret'?", answer.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'group'?", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer.Error, StringComparison.Ordinal);
        session.Exchange();
        lab.RunA.Reload(good);
    }

    [Fact]
    public void Socket_OfADeadProgram_IsReplaced_OfALivingOneIsNot()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        Assert.Equal(4, lab.RunB.Terminate() + lab.RunB.RunToEnd([], "-c", lab.RunB.ConfigurationPath, "--state", lab.RunB.StatePath, "--control", lab.RunA.ControlPath));
        Assert.Contains("A running tcpao has the control socket", Assert.Single(lab.RunB.Log.Split('\n')), StringComparison.Ordinal);
        lab.RunA.Show();
        lab.RunA.Kill();
        Assert.True(File.Exists(lab.RunA.ControlPath));
        Assert.Equal(5, lab.RunA.Ask("show").ExitCode);
        lab.RunA.StartAndWait();
        lab.RunA.Show();
        Assert.Equal(0, lab.RunA.Terminate());
        Assert.False(File.Exists(lab.RunA.ControlPath));

        // what is no socket is nobody's to remove
        File.WriteAllText(lab.RunA.ControlPath, "precious");
        Assert.Equal(4, lab.RunA.RunToEnd([], "-c", lab.RunA.ConfigurationPath, "--state", lab.RunA.StatePath));
        Assert.Equal("precious", File.ReadAllText(lab.RunA.ControlPath));
    }

    [Fact]
    public void Socket_IsForRootAndTheConfiguredGroupAlone()
    {
        // user and group nobody has; and one that Debian and others have
        string[] stranger = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"];
        string[] member = ["setpriv", "--reuid=65533", "--regid=65533", "--groups=1"];
        Assert.SkipUnless(File.ReadAllText("/etc/group").Contains("\ndaemon:x:1:", StringComparison.Ordinal), "there is no group daemon with number 1");
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_key));
        string shared = Path.GetDirectoryName(Path.GetDirectoryName(lab.RunA.StatePath))!;
        File.SetUnixFileMode(shared, File.GetUnixFileMode(shared) | UnixFileMode.OtherExecute);
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner, File.GetUnixFileMode(lab.RunA.ControlPath));
        Assert.Equal(4, lab.RunA.AskAs(member, "show").ExitCode);

        lab.RunA.Reload($"control: {{ group: daemon }}\n{File.ReadAllText(lab.RunA.ConfigurationPath)}");
        Assert.Equal(Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(lab.RunA.ControlPath));
        Assert.Equal(0, lab.RunA.AskAs(member, "show").ExitCode);
        Assert.Equal(4, lab.RunA.AskAs(stranger, "show").ExitCode);

        // and whatever the modes say, the kernel says who it is
        string folder = Path.GetDirectoryName(lab.RunA.StatePath)!;
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(lab.RunA.ControlPath, File.GetUnixFileMode(lab.RunA.ControlPath) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        Answer refused = lab.RunA.AskAs(stranger, "show");
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("User 65533 may not use this socket", refused.Error, StringComparison.Ordinal);

        // the socket may be removed; that is no reason to refuse keys, nor to end
        string shut = File.ReadAllText(lab.RunB.ConfigurationPath);
        File.Delete(lab.RunA.ControlPath);
        lab.RunA.Reload(null);
        lab.RunA.Reload(shut, "is not in force");
        lab.RunA.Reload($"control: {{ group: no-such-group }}\n{File.ReadAllText(lab.RunB.ConfigurationPath)}", "is not in force");
        Assert.Contains("no-such-group", lab.RunA.Log, StringComparison.Ordinal);
    }

    private static void AssertPlan(JsonElement plan, string bare)
    {
        Assert.Equal("tcpao.reload/1", Text(plan, "schema"));
        Assert.Equal(["p4711-4", "p4711-6"], plan.GetProperty("peers").EnumerateArray().Select(peer => Text(peer, "name")));
        Assert.Contains(plan.GetProperty("key-chains").EnumerateArray(), chain => Text(chain, "name") is "c179" && Text(chain, "change") is "changed");
        JsonElement[] effects = [.. plan.GetProperty("connections").EnumerateArray()];
        Assert.Contains(effects, effect => Text(effect, "effect") is "key-goes" && Text(effect, "peer") is "p179-4");
        Assert.Contains(effects, effect => Text(effect, "effect") is "cut" && string.Equals(Text(effect, "remote"), bare, StringComparison.Ordinal));
        Assert.Equal(2, effects.Length);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
