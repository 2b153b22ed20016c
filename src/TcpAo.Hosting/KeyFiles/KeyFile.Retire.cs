using System.Collections.Immutable;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.KeyFiles;

public sealed partial class KeyFile
{
    /// <summary>
    /// Takes a key out of a chain. Refused for the last key and for one that signs or is asked for now, unless <paramref name="replacement"/> takes its place
    /// in the same step, as the kernel's forced delete has it.
    /// </summary>
    /// <param name="chain">Name of the chain.</param>
    /// <param name="id">The key.</param>
    /// <param name="replacement">The key that signs and is asked for from then on; null to refuse where one is needed.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="KeyFileException">It would do harm, or there is no such key.</exception>
    public KeyFileChange Retire(string chain, ulong id, ulong? replacement, DateTimeOffset now)
    {
        KeyChainPlace place = Place(chain);
        KeyChain before = place.Chain;
        int index = IndexOf(before, id);
        AoKey key = before.Keys[index].Key;
        if (before.Keys.Length == 1)
        {
            throw new KeyFileException(KeyFileFailure.Refused, $"key {id} is the last one of chain {chain}; without it nothing of its peers passes. 'tcpao keys rollover {chain}' makes the next one");
        }

        bool signs = ReferenceEquals(KeyChainSelector.SendKey(before, now), key);
        bool isAskedFor = ReferenceEquals(KeyChainSelector.RNextKey(before, now), key);
        if ((signs || isAskedFor) && replacement is null)
        {
            throw new KeyFileException(
                KeyFileFailure.Refused,
                $"key {id} of chain {chain} {(signs ? "signs" : "is asked for")} now; change to another first ('tcpao keys rollover {chain}'), or swap it for another at once with --force --replacement ID");
        }

        var edit = new YamlEdit(_text);
        KeyChainKey[] keys = [.. before.Keys];
        HashSet<string> touched = new(StringComparer.Ordinal) { ConfigTree.PathOf(chain, id) };
        List<string> details = [$"key {id} goes"];
        List<string> warnings = [];
        if (replacement is { } other)
        {
            int at = IndexOf(before, other);
            if (at == index)
            {
                throw new KeyFileException(KeyFileFailure.Refused, $"key {id} cannot replace itself");
            }

            Open(edit, place, at, now, keys, touched, details);
            warnings.Add($"key {other} signs at once, whether or not the peers have it: where a peer does not, its sessions are lost. Watch 'tcpao keys status'");
        }

        edit.Remove(place.Map.Find("keys")!, index);
        KeyChain after = new(chain, [.. keys.Where((_, at) => at != index)], before.AcceptTolerance, before.Description);
        RefuseWrongSuccessor(after, id, replacement, now);
        var meant = new Dictionary<string, ImmutableArray<KeyChainKey>>(StringComparer.Ordinal) { [chain] = after.Keys };
        (byte[] Before, byte[] After) content = Check(edit, meant, touched, []);
        if (place.Keys[index].Find("secret-file") is not null || place.Keys[index].Find("secret-hex-file") is not null)
        {
            warnings.Add($"the file that holds the secret of key {id} is still there; remove it when no connection uses the key any more");
        }

        return Change(content, [], id, details, warnings);
    }

    /// <summary>Lets a key begin now where it was to begin later.</summary>
    private void Open(YamlEdit edit, KeyChainPlace place, int at, DateTimeOffset now, KeyChainKey[] keys, HashSet<string> touched, List<string> details)
    {
        KeyChainKey entry = keys[at];
        KeyLifetime send = entry.Key.SendLifetime;
        KeyLifetime accept = AcceptsOf(place)[at];
        DateTimeOffset today = new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        KeyLifetime sendNow = send.Start > today ? send with { Start = today } : send;
        KeyLifetime acceptNow = accept.Start > today ? accept with { Start = today } : accept;
        if (!sendNow.Contains(today) || !acceptNow.Contains(today))
        {
            throw new KeyFileException(KeyFileFailure.Refused, $"key {entry.Id} cannot take the place: it {(sendNow.Contains(today) ? "is not accepted" : "does not sign")} any more; 'tcpao keys rollover' makes a new one");
        }

        SetLifetimes(edit, place.Keys[at], (send, sendNow), (accept, acceptNow));
        keys[at] = WithLifetimes(place.Chain, entry, sendNow, acceptNow);
        if (send != sendNow || accept != acceptNow)
        {
            TouchLifetimes(touched, place.Chain.Name, entry.Id);
            details.Add($"key {entry.Id} begins now instead of {FieldValue.InstantText(send.Start > today ? send.Start : accept.Start)}");
        }
    }

    private static void RefuseWrongSuccessor(KeyChain after, ulong id, ulong? replacement, DateTimeOffset now)
    {
        AoKey? send = KeyChainSelector.SendKey(after, now);
        AoKey? rnext = KeyChainSelector.RNextKey(after, now);
        if (send is null || rnext is null)
        {
            throw new KeyFileException(KeyFileFailure.Refused, $"without key {id} no key of chain {after.Name} {(send is null ? "signs" : "is accepted")} now; 'tcpao keys rollover {after.Name}' makes the next one");
        }

        if (replacement is { } wanted)
        {
            KeyChainKey chosen = after.Keys.First(entry => ReferenceEquals(entry.Key, send));
            KeyChainKey asked = after.Keys.First(entry => ReferenceEquals(entry.Key, rnext));
            if (chosen.Id != wanted || asked.Id != wanted)
            {
                ulong other = chosen.Id != wanted ? chosen.Id : asked.Id;
                throw new KeyFileException(KeyFileFailure.Refused, $"not key {wanted} but key {other} would {(chosen.Id != wanted ? "sign" : "be asked for")}, since it lasts longer: name --replacement {other}, or retire that one first");
            }
        }
    }
}
