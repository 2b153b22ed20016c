using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using TcpAo.Hosting.Telemetry;

namespace TcpAo.Hosting.Control;

internal sealed partial class ControlApplication
{
    // the data plane wakes nobody: events are looked for
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Events as they come, a line each, until the client goes or the program ends.</summary>
    private async Task TraceAsync(HttpContext context)
    {
        IEnumerable<KeyValuePair<string, string>> conditions = context.Request.Query.SelectMany(
            condition => condition.Value.Select(value => KeyValuePair.Create(condition.Key, value ?? string.Empty)));
        if (!TraceFilter.TryParse(conditions, out TraceFilter? filter, out string? problem))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        using TraceSubscription? subscription = control.Events.TrySubscribe(filter);
        if (subscription is null)
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, $"{EventHub.MaxSubscriptions} traces are running, which is the most; end one.").ConfigureAwait(false);
            return;
        }

        // who stops reading for a while loses events and nothing else
        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        context.Response.ContentType = "application/x-ndjson";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await SendAsync(subscription, context.Response, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // the client has gone, or we end
        }
    }

    private static async Task SendAsync(TraceSubscription subscription, HttpResponse response, CancellationToken ended)
    {
        // the client knows from the head that its trace is on
        await response.StartAsync(ended).ConfigureAwait(false);
        await response.Body.FlushAsync(ended).ConfigureAwait(false);
        using var lines = new MemoryStream();
        while (true)
        {
            if (TraceLines.TryWrite(subscription, TimeProvider.System, lines))
            {
                await response.Body.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), ended).ConfigureAwait(false);
                await response.Body.FlushAsync(ended).ConfigureAwait(false);
                lines.SetLength(0);
            }
            else
            {
                await Task.Delay(s_lookInterval, ended).ConfigureAwait(false);
            }
        }
    }
}
