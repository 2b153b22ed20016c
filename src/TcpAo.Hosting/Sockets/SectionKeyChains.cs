using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Sockets;

/// <summary>Key chains of a section of the host's configuration.</summary>
internal sealed class SectionKeyChains(IConfiguration section, string directory) : IKeyChainSource
{
    public ImmutableArray<KeyChain> Read() => SectionFile.ReadKeyChains(section, directory, out _);

    public IChangeToken GetChangeToken() => section.GetReloadToken();
}
