using System.Collections.Immutable;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// A named list of keys that replace one another over time. Source: RFC 8177 section 2 with the TCP-AO leaves of RFC 9648
/// . Immutable; <see cref="KeyChainSelector"/> says which key does what at an instant, and
/// <see cref="KeyChainValidator"/> what is wrong with a chain. Left out: RFC 8177's last-modified timestamp.
/// </summary>
public sealed class KeyChain
{
    private readonly ImmutableArray<AoKey> _aoKeys;
    private KeyRing? _ring;

    /// <summary>Creates a chain. Nothing is refused here that <see cref="KeyChainValidator"/> reports.</summary>
    /// <param name="name">How people know the chain.</param>
    /// <param name="keys">The keys, in the order of the configuration.</param>
    /// <param name="acceptTolerance">By how much the accept lifetimes of the keys have been widened at both ends .</param>
    /// <param name="description">A sentence for people.</param>
    public KeyChain(string name, ImmutableArray<KeyChainKey> keys, TimeSpan acceptTolerance, string? description = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(acceptTolerance, TimeSpan.Zero);
        Name = name;
        Keys = keys.IsDefault ? [] : keys;
        AcceptTolerance = acceptTolerance;
        Description = description;
        _aoKeys = [.. Keys.Select(entry => entry.Key)];
    }

    /// <summary>How people know the chain.</summary>
    public string Name { get; }

    /// <summary>The keys, in the order of the configuration.</summary>
    public ImmutableArray<KeyChainKey> Keys { get; }

    /// <summary>By how much the accept lifetimes of the keys have been widened at both ends.</summary>
    public TimeSpan AcceptTolerance { get; }

    /// <summary>A sentence for people, or null.</summary>
    public string? Description { get; }

    /// <summary>The keys without their numbers, in the same order: what <see cref="KeyChainSelector"/> works over.</summary>
    public ReadOnlySpan<AoKey> AoKeys => _aoKeys.AsSpan();

    /// <summary>The keys by their ids. One object for the chain's life.</summary>
    /// <exception cref="ArgumentException">Two keys share an id, which <see cref="KeyChainValidator"/> reports.</exception>
    public KeyRing Ring => _ring ??= new KeyRing(_aoKeys);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
