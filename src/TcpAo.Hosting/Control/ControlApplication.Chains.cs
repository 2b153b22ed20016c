using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.Control;

internal sealed partial class ControlApplication
{
    private const string ChainPath = "/v1/key-chains/";

    // some thousand keys
    private const int LongestChain = 1024 * 1024;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>PUT of a chain: all of it or nothing.</summary>
    private async Task ChainAsync(HttpContext context, string name)
    {
        if (!HttpMethods.IsPut(context.Request.Method))
        {
            await RefuseMethodAsync(context, HttpMethods.Put).ConfigureAwait(false);
            return;
        }

        string? expected = null;
        bool isDry = false;
        foreach ((string key, Microsoft.Extensions.Primitives.StringValues value) in context.Request.Query)
        {
            switch (key)
            {
                case "expected-revision" when value.Count == 1:
                    expected = value;
                    break;
                case "dry-run" when bool.TryParse(value, out isDry):
                    break;
                default:
                    await RefuseAsync(context, StatusCodes.Status400BadRequest, "The parameters are expected-revision=REVISION, which 'revision' of the status says, and dry-run=true or dry-run=false.").ConfigureAwait(false);
                    return;
            }
        }

        if (expected is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "expected-revision=REVISION is missing: the 'revision' of the status that this change is made from.").ConfigureAwait(false);
            return;
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = LongestChain;
        string text;
        try
        {
            using var reader = new StreamReader(context.Request.Body, s_strictUtf8);
            text = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception error) when (error is DecoderFallbackException or BadHttpRequestException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"A key chain is JSON or YAML in UTF-8 of at most {LongestChain} bytes.").ConfigureAwait(false);
            return;
        }

        ReloadPlan plan = await Task.Run(() => control.Apply(name, text, expected, isDry)).ConfigureAwait(false);
        await WriteAsync(context, plan, ControlJson.Default.ReloadPlan).ConfigureAwait(false);
    }

    /// <summary>What changes, a line each, until the client goes or the program ends. The first line says what is in force.</summary>
    private async Task EventsAsync(HttpContext context)
    {
        Channel<ControlEvent>? events = control.Changes.TryListen();
        if (events is null)
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, $"{ControlEvents.MaxListeners} listen already, which is the most; end one.").ConfigureAwait(false);
            return;
        }

        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        context.Response.ContentType = "application/x-ndjson";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            // listens already: nothing falls between this line and the next
            await SendAsync(context, new ControlEvent("now", control.Revision, null, "this is in force"), ended.Token).ConfigureAwait(false);
            await foreach (ControlEvent change in events.Reader.ReadAllAsync(ended.Token).ConfigureAwait(false))
            {
                await SendAsync(context, change, ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // the client has gone, or we end
        }
        finally
        {
            control.Changes.End(events);
        }
    }

    private static async Task SendAsync(HttpContext context, ControlEvent change, CancellationToken ended)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(change, ControlJson.Default.ControlEvent), (byte)'\n'];
        await context.Response.Body.WriteAsync(line, ended).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(ended).ConfigureAwait(false);
    }
}
