using System.Collections.Concurrent;
using TcpAo.KeyChains;
using TcpAo.Linux.Sockets;

namespace TcpAo.Hosting.Sockets;

/// <summary>The key chains of a host, by name. Sockets that a <see cref="TcpAoKeyManager"/> keeps follow the chain of the name that they were given.</summary>
/// <param name="manager">The manager.</param>
public sealed class TcpAoKeyChains(TcpAoKeyManager manager)
{
    private readonly ConcurrentDictionary<string, KeyChain> _chains = new(StringComparer.Ordinal);

    /// <summary>The chain of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none; the message has those that there are.</exception>
    public KeyChain this[string name] => _chains.TryGetValue(name, out KeyChain? chain)
        ? chain
        : throw new KeyNotFoundException($"There is no key chain '{name}'; there are: {string.Join(", ", _chains.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Takes a chain in the place of the one of the same name, and has its sockets follow it.</summary>
    /// <param name="chain">The chain.</param>
    /// <exception cref="ArgumentException">Something is wrong with it; the old one stays.</exception>
    /// <exception cref="TcpAoException">One of its keys has an algorithm that Linux has not; the old one stays.</exception>
    public void Use(KeyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        manager.Use(chain);
        _chains[chain.Name] = chain;
    }
}
