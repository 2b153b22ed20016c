using System.Collections.Immutable;
using System.Text.Json;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.KeyStores;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Fleet;

/// <summary>Keys on their way into the store: secrets are wrapped before anything else happens to them.</summary>
public static class FleetKeys
{
    /// <summary>A chain of a configuration for the store.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="chain">Name of the chain.</param>
    /// <param name="kek">What its secrets are wrapped under.</param>
    /// <exception cref="FleetException">The store has no place for it.</exception>
    /// <exception cref="KeyFileException">The file has no such chain.</exception>
    public static StoredChain Of(KeyFile file, string chain, ChainKek kek)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(kek);
        ImmutableArray<KeyLifetime> accepts = file.AcceptsOf(chain);
        KeyChain found = file.Configuration.KeyChains.First(each => string.Equals(each.Name, chain, StringComparison.Ordinal));
        if (found.Keys.FirstOrDefault(entry => entry.Key.Algorithm.IsTcpMd5) is { } old)
        {
            throw new FleetException($"{old.Key.Name} is TCP MD5, which has no key ids to roll by; keep it in the file of the host");
        }

        return new StoredChain(chain, [.. found.Keys.Select((entry, index) => Key(entry, accepts[index], kek))])
        {
            AcceptTolerance = found.AcceptTolerance == TimeSpan.Zero ? null : $"{(long)found.AcceptTolerance.TotalSeconds}s",
        };
    }

    /// <summary>A new random key for a chain: ids that nobody has, and all else as the key that signs now.</summary>
    /// <param name="document">The chain.</param>
    /// <param name="kek">What its secrets are wrapped under.</param>
    /// <param name="algorithm">MAC and KDF; null for the chain's.</param>
    /// <exception cref="FleetException">There is no id left.</exception>
    /// <exception cref="ConfigurationException">The chain in the store is wrong.</exception>
    public static StoredKey New(ChainDocument document, ChainKek kek, MacAlgorithm? algorithm = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(kek);
        string name = document.KeyChain.Name;
        KeyChain chain = KeyChainText.Read(JsonSerializer.Serialize(document.KeyChain, KeyStoreJson.Default.StoredChain), $"key store, {name}", name, "/", kek.AsSource());
        if (!RolloverPlanner.TryChooseIds(chain, out ulong id, out byte wireId))
        {
            throw new FleetException($"{name} has no id left that is free in both directions");
        }

        AoKey model = chain.Keys[^1].Key;
        MacAlgorithm chosen = algorithm ?? model.Algorithm;
        using Secret secret = KeyGenerator.Generate(chosen, SecretText.IsText(model.MasterKey));
        StoredKey key = new()
        {
            Id = id,
            SendId = wireId,
            RecvId = wireId,
            Algorithm = chosen.Name,
            MacLength = chosen == model.Algorithm ? model.MacLength : chosen.DefaultMacLength,
            IncludeTcpOptions = model.IncludeTcpOptions,
            SecretWrapped = kek.Wrap(secret),
        };
        foreach (KeyChainKey entry in chain.Keys)
        {
            entry.Key.MasterKey.Dispose();
        }

        return key;
    }

    private static StoredKey Key(KeyChainKey entry, KeyLifetime accept, ChainKek kek)
    {
        AoKey key = entry.Key;
        return accept.IsEmpty
            ? throw new FleetException($"{key.Name} is never accepted; a chain for many hosts has no keys for one way")
            : new StoredKey
            {
                Id = entry.Id,
                SendId = key.SendId,
                RecvId = key.RecvId,
                Algorithm = key.Algorithm.Name,
                MacLength = key.MacLength,
                IncludeTcpOptions = key.IncludeTcpOptions,
                SecretWrapped = kek.Wrap(key.MasterKey),
                NoSend = key.SendLifetime.IsEmpty ? true : null,
                SendLifetime = key.SendLifetime.IsEmpty ? null : Lifetime(key.SendLifetime),
                AcceptLifetime = Lifetime(accept),
            };
    }

    private static StoredLifetime? Lifetime(KeyLifetime lifetime) => lifetime == KeyLifetime.Always ? null : new StoredLifetime(
        lifetime.Start == DateTimeOffset.MinValue ? null : lifetime.Start,
        lifetime.End == DateTimeOffset.MaxValue ? null : lifetime.End);
}
