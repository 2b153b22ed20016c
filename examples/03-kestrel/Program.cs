using System.Net;
using KestrelOverTcpAo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TcpAo.Hosting.Sockets;
using TcpAo.Linux.Sockets;

if (!TcpAoSupport.IsSupported)
{
    Console.Error.WriteLine(TcpAoSupport.Reason);
    return 4;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// what the server has to say would stand between the lines of the example
builder.Logging.ClearProviders();
builder.Services.AddTcpAo(builder.Configuration.GetSection("TcpAo"));
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 8080, listen => listen.UseTcpAo("web", "127.0.0.0/8")));

await using WebApplication app = builder.Build();
app.MapGet("/", (HttpContext context) => $"key {context.GetTcpAoInfo()?.CurrentSendId}, {context.GetTcpAoInfo()?.Counters.Bad} bad segments\n");
await app.StartAsync();

// one request over TCP-AO, and one without
using HttpClient client = SignedHttp.Client(app.Services.GetRequiredService<TcpAoKeyManager>(), app.Services.GetRequiredService<TcpAoKeyChains>()["web"]);
Console.Write($"with TCP-AO: {await client.GetStringAsync(new Uri("http://127.0.0.1:8080/"))}");
using HttpClient stranger = new() { Timeout = TimeSpan.FromSeconds(2) };
try
{
    Console.Write($"without: {await stranger.GetStringAsync(new Uri("http://127.0.0.1:8080/"))}");
    return 1;
}
catch (OperationCanceledException)
{
    Console.WriteLine("without: no answer");
}

await app.StopAsync();
return 0;
