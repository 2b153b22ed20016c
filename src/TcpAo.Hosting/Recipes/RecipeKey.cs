using TcpAo.Crypto;
using TcpAo.Hosting.KeyFiles;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>A key as the other side has it: ids swapped, and what one side alone may do is the other's to expect.</summary>
internal sealed class RecipeKey
{
    private readonly bool _withSecrets;

    public RecipeKey(KeyChain chain, KeyChainKey entry, bool withSecrets)
    {
        _withSecrets = withSecrets;
        Id = entry.Id;
        Key = entry.Key;
        KeyLifetime send = entry.Key.SendLifetime;
        KeyLifetime accept = Narrow(entry.Key.AcceptLifetime, chain.AcceptTolerance);

        // a key for both ways has the same lifetimes at both ends; one for one way has them the other way round
        (Send, Accept) = send.IsEmpty || accept.IsEmpty ? (accept, send) : (send, accept);
    }

    public ulong Id { get; }

    /// <summary>The key as we have it.</summary>
    public AoKey Key { get; }

    /// <summary>The other side's SendID: our RecvID.</summary>
    public byte SendId => Key.RecvId;

    /// <summary>The other side's RecvID: our SendID.</summary>
    public byte RecvId => Key.SendId;

    public KeyLifetime Send { get; }

    public KeyLifetime Accept { get; }

    public bool IsText => SecretText.IsText(Key.MasterKey);

    public string Text => _withSecrets ? SecretText.Text(Key.MasterKey) : Mark;

    public string Hex => _withSecrets ? string.Join(':', SecretText.Hex(Key.MasterKey).Chunk(2).Select(pair => new string(pair))) : Mark;

    public string Base64 => _withSecrets ? SecretText.Base64(Key.MasterKey) : Mark;

    /// <summary>Stands for the secret where it is not to be shown.</summary>
    private string Mark => $"<secret-of-key-{Id}>";

    /// <summary>Whether the secret as text has one of <paramref name="characters"/>.</summary>
    public bool HasAnyOf(string characters) => SecretText.Use(Key.MasterKey, bytes => bytes.Any(b => characters.Contains((char)b, StringComparison.Ordinal)));

    public bool IsAlgorithm(MacAlgorithm algorithm) => Key.Algorithm == algorithm;

    private static KeyLifetime Narrow(KeyLifetime lifetime, TimeSpan tolerance) => lifetime.IsEmpty
        ? lifetime
        : new KeyLifetime(
            lifetime.Start == DateTimeOffset.MinValue ? lifetime.Start : lifetime.Start + tolerance,
            lifetime.End == DateTimeOffset.MaxValue ? lifetime.End : lifetime.End - tolerance);
}
