using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>Reads one key of a chain; RFC 8177 section 2 with the leaves of RFC 9648 (R-122, R-126).</summary>
internal sealed class KeyReader(ConfigReport report, SecretReader secrets)
{
    private static readonly ImmutableArray<string> s_keys =
    [
        "id", "send-id", "recv-id", "algorithm", "mac-length", "include-tcp-options", .. SecretReader.Forms,
        "send-lifetime", "accept-lifetime", "lifetime", "no-send", "no-recv",
    ];

    /// <summary>The mapping that a key is read from; null when it is none (reported then).</summary>
    internal ConfigMap? Map(ConfigNode node, string path) => ConfigMap.Read(node, path, report, s_keys);

    /// <summary>The key; null when it is not even known what it is called on the wire (reported then).</summary>
    /// <remarks>With a wrong secret the key still comes, with a secret that is none, so that its ids are compared with the others'.</remarks>
    internal KeyChainKey? Read(ConfigMap map, string chain, TimeSpan tolerance)
    {
        ulong? id = Required(map, "id", ulong.MaxValue, quotesAllowed: true);
        MacAlgorithm? algorithm = Algorithm(map);
        bool isMd5 = algorithm is { IsTcpMd5: true };
        ulong? sendId = isMd5 ? map.Number("send-id", 0, 255) ?? 0 : Required(map, "send-id", 255);
        ulong? recvId = isMd5 ? map.Number("recv-id", 0, 255) ?? 0 : Required(map, "recv-id", 255);
        int? macLength = MacLength(map, algorithm);
        bool includeOptions = map.Flag("include-tcp-options", otherwise: !isMd5);
        if (isMd5 && map.Has("include-tcp-options"))
        {
            map.Error("include-tcp-options", "does not apply to tcp-md5, which never covers options");
        }

        (KeyLifetime send, KeyLifetime accept) = Lifetimes(map);
        Secret? secret = secrets.Read(map);
        if (id is null || algorithm is null || sendId is null || recvId is null)
        {
            return null;
        }

        // only reached without a secret when an error has been reported, so that this key is never used
        secret ??= Secret.FromBytes([0]);
        return new KeyChainKey(id.Value, new AoKey(
            $"{chain}/{id.Value}",
            (byte)sendId.Value,
            (byte)recvId.Value,
            algorithm,
            secret,
            macLength,
            includeOptions,
            send,
            accept.Widen(tolerance)));
    }

    private static ulong? Required(ConfigMap map, string key, ulong max, bool quotesAllowed = false)
    {
        map.Require(key, key switch
        {
            "id" => "a number of your own for the key, never on the wire",
            "send-id" => "the KeyID in segments that this side sends, the peer's recv-id",
            _ => "the KeyID in segments that the peer sends, the peer's send-id",
        });

        return map.Number(key, 0, max, quotesAllowed);
    }

    private static MacAlgorithm? Algorithm(ConfigMap map)
    {
        if (!map.Has("algorithm"))
        {
            return MacAlgorithms.HmacSha1; // R-110
        }

        if (map.Text("algorithm") is not { } name)
        {
            return null;
        }

        if (MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm))
        {
            return algorithm;
        }

        ImmutableArray<string> names = [.. MacAlgorithms.All.Select(known => known.Name)];
        map.Error("algorithm", $"unknown algorithm {Shown.Quoted(name)}, known are {string.Join(", ", names)}", Spelling.Suggest(name, names));
        return null;
    }

    private static int? MacLength(ConfigMap map, MacAlgorithm? algorithm)
    {
        if (algorithm is { IsTcpMd5: true } && map.Has("mac-length"))
        {
            map.Error("mac-length", "does not apply to tcp-md5, whose digest has 16 bytes");
            return null;
        }

        int min = algorithm?.MinMacLength ?? 1;
        int max = algorithm?.MaxMacLength ?? MacAlgorithm.LongestMac;
        return (int?)map.Number("mac-length", (ulong)min, (ulong)max);
    }

    /// <summary>The lifetimes as they are written, without accept-tolerance.</summary>
    internal (KeyLifetime Send, KeyLifetime Accept) Lifetimes(ConfigMap map)
    {
        KeyLifetime both = LifetimeReader.Read(map, "lifetime", report);
        KeyLifetime send = LifetimeReader.Read(map, "send-lifetime", report);
        KeyLifetime accept = LifetimeReader.Read(map, "accept-lifetime", report);
        if (map.Has("lifetime"))
        {
            if (map.Has("send-lifetime") || map.Has("accept-lifetime"))
            {
                map.Error("lifetime", "lifetime is for both ways, and stands without send-lifetime and accept-lifetime");
            }

            (send, accept) = (both, both);
        }

        // R-123
        return (Open(map, "no-send", "send-lifetime", send), Open(map, "no-recv", "accept-lifetime", accept));
    }

    private static KeyLifetime Open(ConfigMap map, string closed, string lifetimeKey, KeyLifetime lifetime)
    {
        if (!map.Flag(closed, false))
        {
            return lifetime;
        }

        if (map.Has(lifetimeKey))
        {
            map.Error(closed, $"{closed}: true and {lifetimeKey} contradict one another");
        }

        return KeyLifetime.Never;
    }
}
