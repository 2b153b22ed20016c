using System.Collections.Immutable;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>Key chains of a configuration as RFC 8177 and RFC 9648 model them.</summary>
public static class KeyChainExport
{
    /// <summary>The chains, without secrets, with them, or with them wrapped.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="chains">Which of its chains.</param>
    /// <param name="withSecrets">Whether secrets are written in the clear.</param>
    /// <param name="kek">What secrets are wrapped under; null not to.</param>
    /// <param name="swapsIds">Whether the result is for the other side: send and receive ids swapped.</param>
    /// <exception cref="KeyFileException">The models have no place for one of the keys, or there is no key-encryption key.</exception>
    public static YangKeyChains Of(KeyFile file, IEnumerable<KeyChain> chains, bool withSecrets, KeyEncryptionKey? kek, bool swapsIds)
    {
        ArgumentNullException.ThrowIfNull(file);
        KeyChain[] all = [.. chains];
        string[] obstacles = [.. all.SelectMany(chain => chain.Keys).Select(entry => YangJson.Obstacle(entry.Key)).OfType<string>()];
        if (obstacles.Length > 0)
        {
            throw new KeyFileException(KeyFileFailure.Refused, string.Join("\ntcpao: ", obstacles));
        }

        return new YangKeyChains([.. all.Select(chain => Chain(file, chain, withSecrets, kek, swapsIds))], kek is not null);
    }

    private static YangKeyChain Chain(KeyFile file, KeyChain chain, bool withSecrets, KeyEncryptionKey? kek, bool swapsIds)
    {
        ImmutableArray<KeyLifetime> accepts = file.AcceptsOf(chain.Name);
        return new YangKeyChain(chain.Name, [.. chain.Keys.Select((entry, index) => Key(entry, accepts[index], withSecrets, kek, swapsIds))], chain.AcceptTolerance, chain.Description);
    }

    private static YangKey Key(KeyChainKey entry, KeyLifetime accept, bool withSecrets, KeyEncryptionKey? kek, bool swapsIds)
    {
        AoKey key = entry.Key;
        bool hasIds = !key.Algorithm.IsTcpMd5;

        // a key for one way alone has its lifetimes the other way round at the other side
        bool swapsLifetimes = swapsIds && (key.SendLifetime.IsEmpty || accept.IsEmpty);
        return new YangKey
        {
            KeyId = entry.Id,
            SendId = hasIds ? swapsIds ? key.RecvId : key.SendId : null,
            RecvId = hasIds ? swapsIds ? key.SendId : key.RecvId : null,
            Algorithm = key.Algorithm,
            IncludeTcpOptions = key.IncludeTcpOptions,
            Send = swapsLifetimes ? accept : key.SendLifetime,
            Accept = swapsLifetimes ? key.SendLifetime : accept,
            KeyString = kek is not null ? kek.Wrap(key.MasterKey) : withSecrets ? SecretText.Use(key.MasterKey, static bytes => bytes.ToArray()) : null,
        };
    }
}
