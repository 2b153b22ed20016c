using System.Net.Sockets;
using System.Text.Json;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.Control;

/// <summary>Talks to the control socket of a running program.</summary>
public sealed class ControlClient : IDisposable
{
    private const int Forbidden = 403;

    private static readonly TimeSpan s_longestAnswer = TimeSpan.FromSeconds(30);

    private readonly string _path;
    private readonly HttpClient _http;

    /// <summary>Creates a client; nothing is connected yet.</summary>
    /// <param name="path">The socket.</param>
    public ControlClient(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        _path = path;
#pragma warning disable CA2000 // the client disposes of it
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false })
#pragma warning restore CA2000
        {
            BaseAddress = new Uri("http://tcpao/"),
            Timeout = s_longestAnswer,
        };
    }

    /// <summary>Everything about the host, as the bytes that were sent.</summary>
    /// <exception cref="ControlException">Nobody answers, or with a refusal.</exception>
    public byte[] Status()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/status");
        return Ask(request);
    }

    /// <summary>Has the configuration read again.</summary>
    /// <param name="dryRun">Only say what would change.</param>
    /// <returns>What changed, as the bytes that were sent.</returns>
    /// <exception cref="ControlException">Nobody answers, or with a refusal.</exception>
    public byte[] Reload(bool dryRun)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, dryRun ? "v1/reload?dry-run=true" : "v1/reload");
        return Ask(request);
    }

    /// <summary>Begins a trace (docs/reference/trace.md).</summary>
    /// <param name="conditions">Which events are wanted.</param>
    /// <returns>Their lines, as they come, until the program ends. Who disposes of it ends the trace.</returns>
    /// <exception cref="ControlException">Nobody answers, or with a refusal.</exception>
    public TextReader Trace(IEnumerable<KeyValuePair<string, string>> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        string query = string.Join('&', conditions.Select(condition => $"{condition.Key}={Uri.EscapeDataString(condition.Value)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/trace?{query}");
        return new StreamReader(Send(request).Content.ReadAsStream());
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private byte[] Ask(HttpRequestMessage request)
    {
        try
        {
            using HttpResponseMessage response = Send(request);
            return Read(response);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new ControlException(0, Explain(error), []);
        }
    }

    /// <summary>Sends a request; what follows the head of a good answer is still to be read.</summary>
    private HttpResponseMessage Send(HttpRequestMessage request)
    {
        HttpResponseMessage? response = null;
        try
        {
            response = _http.Send(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.IsSuccessStatusCode)
            {
                HttpResponseMessage good = response;
                response = null;
                return good;
            }

            byte[] content = Read(response);
            ControlError? refusal = content.Length == 0 ? null : JsonSerializer.Deserialize(content, ControlJson.Default.ControlError);
            throw new ControlException((int)response.StatusCode, refusal?.Message ?? $"The control socket {_path} answers with status {(int)response.StatusCode}.", refusal?.Errors ?? []);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException or JsonException)
        {
            throw (error.GetBaseException() as SocketException)?.SocketErrorCode == SocketError.AccessDenied
                ? new ControlException(Forbidden, $"Permission denied at {_path}: run as root, or have 'control: {{ group: … }}' in the configuration name a group of yours.", [])
                : new ControlException(0, Explain(error), []);
        }
        finally
        {
            response?.Dispose();
        }
    }

    private static byte[] Read(HttpResponseMessage response)
    {
        using var content = new MemoryStream();
        response.Content.ReadAsStream().CopyTo(content);
        return content.ToArray();
    }

    private string Explain(Exception error) => (error.GetBaseException() as SocketException)?.SocketErrorCode switch
    {
        // ENOENT has no name of its own there
        SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.SocketError => NobodyThere,
        _ when !File.Exists(_path) => NobodyThere,
        _ => $"The tcpao at {_path} does not answer: {error.GetBaseException().Message}",
    };

    private string NobodyThere => $"No tcpao answers at {_path}; start one with 'tcpao run -c FILE', or name the socket of another with --control FILE.";

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
#pragma warning disable CA2000 // the stream owns it
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
#pragma warning restore CA2000
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
