using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TcpAo.Linux.Sockets;

namespace TcpAo.Hosting.Sockets;

/// <summary>TCP-AO for the sockets of a .NET host.</summary>
public static class TcpAoServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="TcpAoKeyManager"/>, whose events are logged, and <see cref="TcpAoKeyChains"/>, which follow the section while the program runs: a change that is wrong is logged
    /// and leaves the chains as they are. At the start it is an error that ends the host.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="section">A section with <c>key-chains</c>, in the words of docs/reference/configuration.md.</param>
    /// <example><code>
    /// builder.Services.AddTcpAo(builder.Configuration.GetSection("TcpAo"));
    /// </code></example>
    public static IServiceCollection AddTcpAo(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        services.AddTcpAo();
        services.AddSingleton<IKeyChainSource>(provider => new SectionKeyChains(
            section,
            provider.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory,
            provider.GetRequiredService<ILogger<SectionKeyChains>>()));
        return services;
    }

    /// <summary>The same without a section: the program gives the chains with <see cref="TcpAoKeyChains.Use"/>, or by an <see cref="IKeyChainSource"/> of its own.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddTcpAo(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TcpAoKeyChains>();
        services.TryAddSingleton<TcpAoListeners>();
        services.TryAddSingleton(provider => new TcpAoKeyManager(new TcpAoKeyManagerOptions
        {
            Time = provider.GetRequiredService<TimeProvider>(),
            Observer = new KeyEventLog(provider.GetRequiredService<ILogger<TcpAoKeyManager>>()).Write,
        }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, KeyChainService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SocketTransportOptions>, ListenSockets>());
        return services;
    }
}
