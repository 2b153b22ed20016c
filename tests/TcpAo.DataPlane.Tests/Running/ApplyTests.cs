using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/reference/control.md: chains applied over the control socket, and what is told of it.</summary>
public sealed class ApplyTests
{
    private const string Chain = "c179";
    private const string Secret = "never to be told, in no output";

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Apply_WithTheRevisionOfTheStatus_RollsALiveSession()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 1, Secret: "one")));
        using Session session = Session.Open(lab);
        session.Exchange();
        string before = Revision(lab.RunA);
        foreach (TcpaoProcess run in (TcpaoProcess[])[lab.RunA, lab.RunB])
        {
            (int status, JsonElement plan) = Put(run, Chain, Revision(run), Two(Secret));
            Assert.Equal((200, true), (status, plan.GetProperty("in-force").GetBoolean()));
            Assert.Equal(Revision(run), plan.GetProperty("revision").GetString());
        }

        session.Exchange();
        session.Exchange();
        lab.RunA.WaitFor("signs with key id 2 now");
        lab.RunB.WaitFor("signs with key id 2 now");
        Assert.NotEqual(before, Revision(lab.RunA));
        Assert.Equal("control", lab.RunA.Show().GetProperty("key-chains")[0].GetProperty("source").GetString());

        // somebody who saw the state before is told so
        (int conflict, JsonElement error) = Put(lab.RunA, Chain, before, Two(Secret));
        Assert.Equal(409, conflict);
        Assert.Contains("something changed meanwhile", error.GetProperty("message").GetString(), StringComparison.Ordinal);

        // the file is the truth when it is read
        Answer dry = lab.RunA.Ask("reload", "--dry-run");
        Assert.Contains("gives way to the file's", dry.Error, StringComparison.Ordinal);
        Answer reload = lab.RunA.Ask("reload");
        Assert.Contains("gives way to the file's", reload.Error, StringComparison.Ordinal);
        Assert.Equal("file", lab.RunA.Show().GetProperty("key-chains")[0].GetProperty("source").GetString());
        session.Exchange();
        Assert.DoesNotContain(Secret, $"{error}{dry.Output}{reload.Output}{lab.RunA.Log}{lab.RunA.Show()}", StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_OfSomethingWrong_ChangesNothing()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 1, Secret: "one")));
        using Session session = Session.Open(lab);
        string revision = Revision(lab.RunA);
        (int status, JsonElement error) = Put(lab.RunA, Chain, revision, Two(Secret).Replace("\"secret\"", "\"sekret\"", StringComparison.Ordinal));
        Assert.Equal(422, status);
        Assert.Contains("did you mean 'secret'?", error.GetProperty("errors")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(422, Put(lab.RunA, Chain, revision, Two(Secret).Replace(Chain, "other", StringComparison.Ordinal)).Status);
        Assert.Equal(422, Put(lab.RunA, Chain, revision, $"{{ name: {Chain}, keys: [] }}").Status);
        Assert.Equal(422, Put(lab.RunA, Chain, revision, "").Status);
        Assert.Equal(404, Put(lab.RunA, "no-such", revision, Two(Secret)).Status);
        Assert.Equal(400, Ask(lab.RunA, HttpMethod.Put, $"v1/key-chains/{Chain}", Two(Secret)).Status);
        Assert.Equal(400, Ask(lab.RunA, HttpMethod.Put, $"v1/key-chains/{Chain}?expected-revision={revision}&force=true", Two(Secret)).Status);
        Assert.Equal(405, Ask(lab.RunA, HttpMethod.Get, $"v1/key-chains/{Chain}", null).Status);
        (int dry, JsonElement plan) = Ask(lab.RunA, HttpMethod.Put, $"v1/key-chains/{Chain}?expected-revision={revision}&dry-run=true", Two(Secret));
        Assert.Equal((200, false), (dry, plan.GetProperty("in-force").GetBoolean()));
        Assert.Equal(revision, Revision(lab.RunA));
        session.Exchange();
        Assert.DoesNotContain(Secret, lab.RunA.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_TellEachChangeWithItsRevision()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 1, Secret: "one")));
        using HttpClient client = Client(lab.RunA);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/events");
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(response.Content.ReadAsStream(TestContext.Current.CancellationToken));
        string revision = Next(lines, "now");
        Assert.Equal(Revision(lab.RunA), revision);
        Put(lab.RunA, Chain, revision, Two(Secret));
        Assert.Equal(Revision(lab.RunA), Next(lines, "applied"));
        lab.RunA.Ask("reload");
        Assert.Equal(Revision(lab.RunA), Next(lines, "reloaded"));
    }

    private static string Two(string secret) => $$"""
        {
          "name": "{{Chain}}",
          "keys": [
            { "id": 1, "send-id": 1, "recv-id": 1, "secret": "one", "send-lifetime": { "end": "9000-01-01T00:00:00Z" }, "accept-lifetime": { "end": "9000-01-01T00:00:00Z" } },
            { "id": 2, "send-id": 2, "recv-id": 2, "algorithm": "hmac-sha-256", "secret": "{{secret}}" }
          ]
        }
        """;

    private static string Revision(TcpaoProcess run) => run.Show().GetProperty("revision").GetString()!;

    private static string Next(StreamReader lines, string expected)
    {
        JsonElement line = JsonDocument.Parse(Wait.ForResult(lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask())!).RootElement;
        Assert.Equal(("tcpao.event/1", expected), (line.GetProperty("schema").GetString(), line.GetProperty("event").GetString()));
        return line.GetProperty("revision").GetString()!;
    }

    private static (int Status, JsonElement Json) Put(TcpaoProcess run, string chain, string revision, string text) =>
        Ask(run, HttpMethod.Put, $"v1/key-chains/{chain}?expected-revision={revision}", text);

    private static (int Status, JsonElement Json) Ask(TcpaoProcess run, HttpMethod method, string path, string? text)
    {
        using HttpClient client = Client(run);
        using var request = new HttpRequestMessage(method, path) { Content = text is null ? null : new StringContent(text, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = client.Send(request, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(response.Content.ReadAsStream(TestContext.Current.CancellationToken));
        return ((int)response.StatusCode, JsonDocument.Parse(reader.ReadToEnd()).RootElement);
    }

    private static HttpClient Client(TcpaoProcess run) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(run.ControlPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://tcpao/"),
    };
}
