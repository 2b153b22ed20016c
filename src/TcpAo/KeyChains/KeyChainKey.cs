using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>A key of a chain: the administrative number of RFC 8177 and the key that it names .</summary>
public sealed class KeyChainKey
{
    /// <summary>Creates the entry.</summary>
    /// <param name="id">The key-id of RFC 8177: a handle for people, never a KeyID on the wire .</param>
    /// <param name="key">The key; its accept lifetime already includes the chain's accept tolerance.</param>
    public KeyChainKey(ulong id, AoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Id = id;
        Key = key;
    }

    /// <summary>The key-id of RFC 8177; not a KeyID on the wire.</summary>
    public ulong Id { get; }

    /// <summary>What signs and verifies.</summary>
    public AoKey Key { get; }

    /// <summary>The key's name and ids; never its secret.</summary>
    public override string ToString() => Key.ToString();
}
