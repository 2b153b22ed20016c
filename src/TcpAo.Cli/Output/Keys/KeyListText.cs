using System.Collections.Immutable;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Cli.Output.Keys;

/// <summary>Keys in words: what each does now.</summary>
internal static class KeyListText
{
    /// <summary><c>signs</c>, <c>accepted</c>, <c>next</c>, <c>over</c>, <c>closed</c>: what a key does at a time.</summary>
    public static string StateOf(KeyChain chain, AoKey key, DateTimeOffset now)
    {
        if (ReferenceEquals(KeyChainSelector.SendKey(chain, now), key))
        {
            return "signs";
        }

        if (key.CanAccept(now))
        {
            return "accepted";
        }

        return IsLater(key.SendLifetime, now) || IsLater(key.AcceptLifetime, now) ? "later" : key.SendLifetime.IsEmpty && key.AcceptLifetime.IsEmpty ? "closed" : key.CanSend(now) ? "valid" : "over";
    }

    /// <summary>A lifetime in one cell.</summary>
    public static string Span(KeyLifetime lifetime) => lifetime.IsEmpty ? "never"
        : lifetime == KeyLifetime.Always ? "always"
        : $"{KeysText.Bound(lifetime.Start, "...")} - {KeysText.Bound(lifetime.End, "...")}";

    public static string Table(IEnumerable<KeyChain> chains, IReadOnlyDictionary<AoKey, string>? fingerprints, DateTimeOffset now)
    {
        ImmutableArray<string> titles = ["key", "send-id", "recv-id", "algorithm", "mac", "options", "state", "signs", "is accepted"];
        return KeysText.Table(
            fingerprints is null ? titles : [.. titles, "fingerprint"],
            chains.SelectMany(chain => chain.Keys.Select(entry => (IReadOnlyList<string>)Row(chain, entry.Key, fingerprints, now))));
    }

    private static bool IsLater(KeyLifetime lifetime, DateTimeOffset now) => !lifetime.IsEmpty && lifetime.Start > now;

    private static ImmutableArray<string> Row(KeyChain chain, AoKey key, IReadOnlyDictionary<AoKey, string>? fingerprints, DateTimeOffset now)
    {
        bool hasIds = !key.Algorithm.IsTcpMd5;
        ImmutableArray<string> row =
        [
            key.Name,
            hasIds ? $"{key.SendId}" : "-",
            hasIds ? $"{key.RecvId}" : "-",
            key.Algorithm.Name,
            $"{key.MacLength}",
            key.IncludeTcpOptions ? "included" : "excluded",
            StateOf(chain, key, now),
            Span(key.SendLifetime),
            Span(key.AcceptLifetime),
        ];
        return fingerprints is null ? row : [.. row, fingerprints[key]];
    }
}
