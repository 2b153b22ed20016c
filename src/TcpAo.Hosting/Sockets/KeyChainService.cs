using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;
using TcpAo.Linux.Sockets;

namespace TcpAo.Hosting.Sockets;

/// <summary>Reads the key chains before the host serves, and again when their source says so.</summary>
internal sealed partial class KeyChainService(IEnumerable<IKeyChainSource> sources, TcpAoKeyChains chains, ILogger<KeyChainService> logger) : IHostedLifecycleService, IDisposable
{
    private readonly List<IDisposable> _registrations = [];

    /// <summary>Before any server binds: its sockets need the chains.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (IKeyChainSource source in sources)
        {
            Read(source);
            _registrations.Add(ChangeToken.OnChange(source.GetChangeToken, () => ReadAgain(source)));
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Read(IKeyChainSource source)
    {
        foreach (KeyChain chain in source.Read())
        {
            chains.Use(chain);
        }
    }

    private void ReadAgain(IKeyChainSource source)
    {
        try
        {
            Read(source);
            LogChanged();
        }
        catch (Exception error) when (error is ConfigurationException or ArgumentException or TcpAoException)
        {
            LogKept(error.Message);
        }
    }

    [LoggerMessage(6101, LogLevel.Information, "The key chains were read again.")]
    private partial void LogChanged();

    [LoggerMessage(6102, LogLevel.Error, "The key chains stay as they are: {Reason}")]
    private partial void LogKept(string reason);
}
