using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Sockets;

/// <summary>Where key chains come from. Each one that is registered is asked at the start, and again whenever it says so.</summary>
public interface IKeyChainSource
{
    /// <summary>The chains as they are now.</summary>
    /// <exception cref="Configuration.ConfigurationException">They cannot be read, or something is wrong with them.</exception>
    ImmutableArray<KeyChain> Read();

    /// <summary>Fires when <see cref="Read"/> would give others.</summary>
    IChangeToken GetChangeToken();
}
