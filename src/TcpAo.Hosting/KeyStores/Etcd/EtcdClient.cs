using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyStores.Etcd;

/// <summary>Asks the members of an etcd cluster, the one that answered last first. Logs in where there is a user.</summary>
internal sealed class EtcdClient : IDisposable
{
    // google.rpc.Code
    private const int DeadlineExceeded = 4;
    private const int NotFound = 5;
    private const int PermissionDenied = 7;
    private const int OutOfRange = 11;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;
    private const int InvalidArgument = 3;
    private const int LongestPassword = 1024;
    private const int LongestSentence = 200;

    private static readonly TimeSpan s_longestAnswer = TimeSpan.FromSeconds(10);
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly HttpClient _http;
    private readonly ImmutableArray<Uri> _endpoints;
    private readonly string? _user;
    private readonly string? _passwordFile;
    private int _last;
    private string? _token;

    public EtcdClient(KeyStoreConfiguration configuration)
    {
        _endpoints = configuration.Endpoints;
        _user = configuration.User;
        _passwordFile = configuration.PasswordFile;
#pragma warning disable CA2000 // the client disposes of it
        _http = new HttpClient(Handler(configuration)) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore CA2000
    }

    /// <summary>Asks and reads the whole answer.</summary>
    /// <param name="path">What is asked, below <c>/v3</c>.</param>
    /// <param name="request">The request.</param>
    /// <param name="requestType">How it is written.</param>
    /// <param name="answerType">How the answer is read.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="mayRepeat">Whether another member may be asked where it is unknown what became of the request.</param>
    /// <exception cref="KeyStoreException">No member did it.</exception>
    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation, bool mayRepeat = true)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(s_longestAnswer * _endpoints.Length);
        try
        {
            using HttpResponseMessage response = await SendAsync(path, request, requestType, mayRepeat, late.Token, cancellation).ConfigureAwait(false);
            using Stream content = await response.Content.ReadAsStreamAsync(late.Token).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(content, answerType, late.Token).ConfigureAwait(false)
                ?? throw new KeyStoreException(KeyStoreFailure.Refused, "The key store answers with nothing.");
        }
        catch (JsonException error)
        {
            throw new KeyStoreException(KeyStoreFailure.Refused, "What answers is no etcd 3.4 or later: its answer is not the JSON of the gateway.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Unreachable(error);
        }
    }

    /// <summary>Asks for an answer that goes on: its head has come, the rest is still to be read.</summary>
    /// <exception cref="KeyStoreException">No member did it.</exception>
    public Task<HttpResponseMessage> OpenAsync<TRequest>(string path, TRequest request, JsonTypeInfo<TRequest> requestType, CancellationToken cancellation) =>
        SendAsync(path, request, requestType, mayRepeat: true, cancellation, cancellation);

    public void Dispose() => _http.Dispose();

    /// <summary>What an error of the gateway means.</summary>
    internal static KeyStoreException FailureOf(EtcdMessages.Failure error) => error.Code switch
    {
        Unavailable or DeadlineExceeded => new KeyStoreException(KeyStoreFailure.Unreachable, $"The key store cannot answer now: {error.Message}"),
        PermissionDenied or Unauthenticated or InvalidArgument => new KeyStoreException(KeyStoreFailure.Denied, $"The key store refuses: {error.Message}"),
        OutOfRange => new KeyStoreException(KeyStoreFailure.Compacted, $"The key store no longer has that: {error.Message}"),
        NotFound => new KeyStoreException(KeyStoreFailure.Refused, $"The key store does not have that: {error.Message}"),
        _ => new KeyStoreException(KeyStoreFailure.Refused, $"The key store answers: {error.Message}"),
    };

    private async Task<HttpResponseMessage> SendAsync<TRequest>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, bool mayRepeat, CancellationToken late, CancellationToken cancellation)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(request, requestType);
        Exception? failure = null;
        for (int attempt = 0; attempt < _endpoints.Length; attempt++)
        {
            int at = _last % _endpoints.Length;
            try
            {
                return await SendAsync(_endpoints[at], path, content, late).ConfigureAwait(false);
            }
            catch (Exception error) when (IsElsewhere(error) && !cancellation.IsCancellationRequested)
            {
                failure = error;
                _last = at + 1;
                _token = null;
                if (!mayRepeat && error is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError })
                {
                    // it may have been done
                    break;
                }
            }
        }

        throw failure is KeyStoreException known ? known : Unreachable(failure!);
    }

    /// <summary>Whether another member may do it.</summary>
    private static bool IsElsewhere(Exception error) => error is HttpRequestException or IOException or OperationCanceledException or KeyStoreException { Failure: KeyStoreFailure.Unreachable };

    private async Task<HttpResponseMessage> SendAsync(Uri endpoint, string path, byte[] content, CancellationToken late)
    {
        if (_user is not null && _token is null)
        {
            await LogInAsync(endpoint, late).ConfigureAwait(false);
        }

        HttpResponseMessage response = await PostAsync(endpoint, path, content, late).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        EtcdMessages.Failure error = await ReadErrorAsync(response, late).ConfigureAwait(false);
        if (error.Code != Unauthenticated || _user is null)
        {
            throw FailureOf(error);
        }

        // tokens end, and a restarted member knows none
        await LogInAsync(endpoint, late).ConfigureAwait(false);
        response = await PostAsync(endpoint, path, content, late).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? response : throw FailureOf(await ReadErrorAsync(response, late).ConfigureAwait(false));
    }

    private async Task<HttpResponseMessage> PostAsync(Uri endpoint, string path, byte[] content, CancellationToken late)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, $"v3/{path}")) { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = s_json;
        if (_token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", _token);
        }

        // the head of a watch comes at once, as every other
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(late);
        soon.CancelAfter(s_longestAnswer);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, soon.Token).ConfigureAwait(false);
    }

    private async Task LogInAsync(Uri endpoint, CancellationToken late)
    {
        if (!BoundedFile.TryRead(_passwordFile!, LongestPassword, out byte[]? bytes, out bool openToOthers, out string? reason) || openToOthers)
        {
            throw new KeyStoreException(KeyStoreFailure.Denied, $"The password file {_passwordFile} cannot be used: {reason ?? "group or others may read it"}.");
        }

        _token = null;
        byte[] login = JsonSerializer.SerializeToUtf8Bytes(new EtcdMessages.Login(_user!, Encoding.UTF8.GetString(bytes).TrimEnd('\r', '\n')), EtcdJson.Default.Login);
        try
        {
            using HttpResponseMessage response = await PostAsync(endpoint, "auth/authenticate", login, late).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw FailureOf(await ReadErrorAsync(response, late).ConfigureAwait(false));
            }

            using Stream content = await response.Content.ReadAsStreamAsync(late).ConfigureAwait(false);
            _token = (await JsonSerializer.DeserializeAsync(content, EtcdJson.Default.LoginAnswer, late).ConfigureAwait(false))?.Token;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(login);
        }
    }

    private static async Task<EtcdMessages.Failure> ReadErrorAsync(HttpResponseMessage response, CancellationToken late)
    {
        using HttpResponseMessage answer = response;
        byte[] content = await answer.Content.ReadAsByteArrayAsync(late).ConfigureAwait(false);
        try
        {
            if (JsonSerializer.Deserialize(content, EtcdJson.Default.Failure) is { Message: not null } error)
            {
                return error;
            }
        }
        catch (JsonException)
        {
            // a proxy's page, another program, or etcd in a sentence
        }

        string sentence = new([.. Encoding.UTF8.GetString(content).Where(static c => !char.IsControl(c)).Take(LongestSentence)]);
        int code = answer.StatusCode switch
        {
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => Unavailable,
            HttpStatusCode.BadRequest => InvalidArgument,
            _ => 0,
        };
        return new EtcdMessages.Failure(code, $"HTTP status {(int)answer.StatusCode}: {sentence}");
    }

    private KeyStoreException Unreachable(Exception error) => new(
        KeyStoreFailure.Unreachable,
        $"No member of the key store answers ({string.Join(", ", _endpoints.Select(endpoint => endpoint.Authority))}): {(error is OperationCanceledException ? "time is up" : error.GetBaseException().Message)}",
        error);

    private static SocketsHttpHandler Handler(KeyStoreConfiguration configuration)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(3) };
        try
        {
            var tls = new SslClientAuthenticationOptions();
            if (configuration.AuthorityFile is { } authorities)
            {
                tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authorities);
            }

            if (configuration.CertificateFile is { } certificate)
            {
#pragma warning disable CA2000 // lives as long as the handler
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, configuration.CertificateKeyFile)];
#pragma warning restore CA2000
            }

            handler.SslOptions = tls;
            return handler;
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            handler.Dispose();
            throw new KeyStoreException(KeyStoreFailure.Denied, $"The certificates for the key store cannot be used: {error.Message}", error);
        }
    }
}
