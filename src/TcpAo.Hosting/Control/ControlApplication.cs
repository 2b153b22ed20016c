using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control.Status;
using TcpAo.Linux;

namespace TcpAo.Hosting.Control;

/// <summary>Answers the requests of the control socket.</summary>
/// <param name="control">What can be asked.</param>
/// <param name="stopping">The program ends.</param>
internal sealed partial class ControlApplication(HostControl control, CancellationToken stopping) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (context.Features.Get<IConnectionItemsFeature>() is { } connection && ControlAccess.RefusalOf(connection.Items) is { } refusal)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, refusal).ConfigureAwait(false);
            return;
        }

        try
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (ConfigurationException error)
        {
            await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, "The configuration is wrong; nothing has changed.", [.. error.Errors.Select(each => each.ToString())]).ConfigureAwait(false);
        }
        catch (ControlException error)
        {
            await RefuseAsync(context, error.Status, error.Message, error.Errors).ConfigureAwait(false);
        }
        catch (LinuxException error)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, error.Message).ConfigureAwait(false);
        }
        catch (InvalidOperationException error)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, error.Message).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/v1/status" when HttpMethods.IsGet(context.Request.Method):
                HostSnapshot snapshot = await Task.Run(control.Status).ConfigureAwait(false);
                await WriteAsync(context, snapshot, ControlJson.Default.HostSnapshot).ConfigureAwait(false);
                break;
            case "/v1/reload" when HttpMethods.IsPost(context.Request.Method):
                await ReloadAsync(context).ConfigureAwait(false);
                break;
            case "/v1/trace" when HttpMethods.IsGet(context.Request.Method):
                await TraceAsync(context).ConfigureAwait(false);
                break;
            case "/v1/events" when HttpMethods.IsGet(context.Request.Method):
                await EventsAsync(context).ConfigureAwait(false);
                break;
            case { } path when path.StartsWith(ChainPath, StringComparison.Ordinal) && path.Length > ChainPath.Length:
                await ChainAsync(context, path[ChainPath.Length..]).ConfigureAwait(false);
                break;
            case "/v1/status" or "/v1/trace" or "/v1/events":
                await RefuseMethodAsync(context, HttpMethods.Get).ConfigureAwait(false);
                break;
            case "/v1/reload":
                await RefuseMethodAsync(context, HttpMethods.Post).ConfigureAwait(false);
                break;
            default:
                await RefuseAsync(context, StatusCodes.Status404NotFound, "There is no such resource; there are GET /v1/status, /v1/events and /v1/trace, POST /v1/reload and PUT /v1/key-chains/NAME.").ConfigureAwait(false);
                break;
        }
    }

    private async Task ReloadAsync(HttpContext context)
    {
        const string DryRun = "dry-run";
        bool isDry = false;
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in context.Request.Query)
        {
            // who misspells dry-run does not want the change
            if (!string.Equals(name, DryRun, StringComparison.Ordinal) || !bool.TryParse(value, out isDry))
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, "The only parameter is dry-run=true or dry-run=false.").ConfigureAwait(false);
                return;
            }
        }

        ReloadPlan plan = await Task.Run(() => control.Reload(isDry)).ConfigureAwait(false);
        await WriteAsync(context, plan, ControlJson.Default.ReloadPlan).ConfigureAwait(false);
    }

    private static Task RefuseMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"Use {allowed}.");
    }

    private static Task RefuseAsync(HttpContext context, int status, string message, params System.Collections.Immutable.ImmutableArray<string> errors)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new ControlError(message, errors), ControlJson.Default.ControlError);
    }

    private static async Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted).ConfigureAwait(false);
    }
}
