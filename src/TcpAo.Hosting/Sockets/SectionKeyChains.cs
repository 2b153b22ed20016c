using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Sockets;

/// <summary>Key chains of a section of the host's configuration.</summary>
internal sealed partial class SectionKeyChains(IConfiguration section, string directory, ILogger<SectionKeyChains> logger) : IKeyChainSource
{
    public ImmutableArray<KeyChain> Read()
    {
        ImmutableArray<KeyChain> chains = KeyChainSection.Read(section, directory, out ImmutableArray<ConfigurationError> warnings);
        foreach (ConfigurationError warning in warnings)
        {
            LogWarning(warning.ToString());
        }

        return chains;
    }

    public IChangeToken GetChangeToken() => section.GetReloadToken();

    [LoggerMessage(6106, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);
}
