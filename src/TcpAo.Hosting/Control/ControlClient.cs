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

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private byte[] Ask(HttpRequestMessage request)
    {
        try
        {
            using HttpResponseMessage response = _http.Send(request);
            using var content = new MemoryStream();
            response.Content.ReadAsStream().CopyTo(content);
            if (response.IsSuccessStatusCode)
            {
                return content.ToArray();
            }

            ControlError? refusal = content.Length == 0 ? null : JsonSerializer.Deserialize(content.ToArray(), ControlJson.Default.ControlError);
            throw new ControlException((int)response.StatusCode, refusal?.Message ?? $"The control socket {_path} answers with status {(int)response.StatusCode}.", refusal?.Errors ?? []);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException or JsonException)
        {
            throw (error.GetBaseException() as SocketException)?.SocketErrorCode == SocketError.AccessDenied
                ? new ControlException(Forbidden, $"Permission denied at {_path}: run as root, or have 'control: {{ group: … }}' in the configuration name a group of yours.", [])
                : new ControlException(0, Explain(error), []);
        }
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
