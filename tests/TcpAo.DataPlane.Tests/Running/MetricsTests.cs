using System.Net;
using System.Net.Sockets;
using System.Text;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/reference/metrics.md: what a running program tells Prometheus.</summary>
public sealed class MetricsTests
{
    private const string Secret = "never to be told, in no output";
    private const int Port = 9825;

    [Fact]
    public void Metrics_OfALiveSession_AreTheCountersOfShow()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(61, 84, Secret: Secret)));
        lab.RunA.Terminate();
        lab.RunA.Write($"metrics: {{ listen: 127.0.0.1:{Port} }}\n{File.ReadAllText(lab.RunA.ConfigurationPath)}");
        lab.RunA.StartAndWait();
        using Session session = Session.Open(lab);
        session.Exchange();
        string text = "";
        Wait.Until(() => (text = Get(lab, "GET /metrics")).Contains("tcpao_connections{tcpao_state=\"synchronized\"} 1\n", StringComparison.Ordinal), "the connection is counted");
        Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; version=0.0.4", text, StringComparison.Ordinal);
        Assert.Matches("tcpao_segments_total\\{tcpao_direction=\"in\",tcpao_result=\"accepted\"\\} [1-9]", text);
        Assert.Contains("# TYPE tcpao_segments_total counter\n", text, StringComparison.Ordinal);
        Assert.Matches("tcpao_queue_depth\\{tcpao_queue_id=\"59\"\\} [0-9]", text);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);

        // the same at the control socket; and nothing else over TCP
        Assert.Contains("tcpao_segments_total", GetFromControl(lab), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", Get(lab, "GET /v1/status"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 405", Get(lab, "POST /metrics"), StringComparison.Ordinal);

        // an address that somebody has: nothing is begun
        lab.RunB.Terminate();
        lab.RunB.Write($"metrics: {{ listen: 127.0.0.1:{Port} }}\n{File.ReadAllText(lab.RunB.ConfigurationPath)}");
        using Socket taken = lab.B.Listen(IPAddress.Loopback, Port);
        Assert.Equal(4, lab.RunB.RunToEnd([], "-c", lab.RunB.ConfigurationPath, "--state", lab.RunB.StatePath));
        Assert.Contains($"metrics.listen: 127.0.0.1:{Port} cannot be bound", lab.RunB.Log, StringComparison.Ordinal);
    }

    private static string Get(Lab lab, string request)
    {
        using Socket socket = lab.A.Tcp(AddressFamily.InterNetwork);
        socket.Connect(IPAddress.Loopback, Port);
        return Ask(socket, request);
    }

    private static string GetFromControl(Lab lab)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(lab.RunA.ControlPath));
        return Ask(socket, "GET /metrics");
    }

    private static string Ask(Socket socket, string request)
    {
        socket.Send(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: tcpao\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
