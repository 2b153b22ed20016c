using Microsoft.AspNetCore.Http;
using TcpAo.Hosting.Telemetry;

namespace TcpAo.Hosting.Control;

/// <summary>The answer to <c>GET /metrics</c>, on either socket.</summary>
internal static class MetricsAnswer
{
    public static async Task WriteAsync(HttpContext context, HostControl control)
    {
        string text;
        try
        {
            text = await Task.Run(control.Metrics).ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // the data plane has ended
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
    }
}
