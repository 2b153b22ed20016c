using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control.Status;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;

namespace TcpAo.Hosting.DataPlane;

/// <summary>Compares two configurations, and finds the connections that the change does something to.</summary>
/// <param name="before">The configuration in force.</param>
/// <param name="keysBefore">Its keys on this host.</param>
/// <param name="after">The one to come.</param>
/// <param name="keysAfter">Its keys on this host.</param>
/// <param name="reader">The connections.</param>
internal sealed class ReloadPlanner(TcpAoConfiguration before, IKeySource keysBefore, TcpAoConfiguration after, IKeySource keysAfter, SnapshotReader reader)
{
    /// <summary>Plans the change.</summary>
    /// <param name="sockets">The sockets that there are.</param>
    /// <param name="uncovered">Those that have to be protected from now on and are not.</param>
    public ReloadPlan Plan(IReadOnlyList<TcpSocket> sockets, out IReadOnlyList<TcpSocket> uncovered)
    {
        ImmutableArray<(SocketPair Pair, Protection Protection, ImmutableArray<ReloadEffect> Effects)> known =
            reader.Read(connection => (connection.Pair, connection.Protection, EffectsOn(connection)));
        Dictionary<SocketPair, Protection> protection = known.ToDictionary(connection => connection.Pair, connection => connection.Protection);
        uncovered = [.. sockets.Where(socket => socket.State is not (TcpState.Listen or TcpState.TimeWait) && IsUncovered(socket.Pair, protection))];
        return new ReloadPlan
        {
            Configuration = after.File,
            Warnings = [.. after.Warnings.Select(warning => warning.ToString())],
            Peers = Changes(before.Peers, after.Peers, peer => peer.Name, Differences),
            KeyChains = Changes(before.KeyChains, after.KeyChains, chain => chain.Name, Differences),
            Connections = [.. known.SelectMany(connection => connection.Effects), .. uncovered.Select(socket => Effect(
                socket.Pair, keysAfter.Find(socket.Pair)!.Name, "cut", "it is not protected, and has to be from now on"))],
        };
    }

    private static ReloadEffect Effect(in SocketPair pair, string peer, string effect, string detail) =>
        new(pair.LocalText, pair.RemoteText, peer, effect, detail);

    /// <summary>Added, removed and changed members of a list, in the order of the later one.</summary>
    private static ImmutableArray<ReloadChange> Changes<T>(ImmutableArray<T> old, ImmutableArray<T> now, Func<T, string> nameOf, Func<T, T, IEnumerable<string>> differences)
    {
        Dictionary<string, T> oldByName = old.ToDictionary(nameOf, StringComparer.Ordinal);
        var names = now.Select(nameOf).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<ReloadChange>.Builder changes = ImmutableArray.CreateBuilder<ReloadChange>();
        foreach (T one in now)
        {
            if (!oldByName.TryGetValue(nameOf(one), out T? other))
            {
                changes.Add(new ReloadChange(nameOf(one), "added", []));
            }
            else if (differences(other, one).ToImmutableArray() is { IsEmpty: false } details)
            {
                changes.Add(new ReloadChange(nameOf(one), "changed", details));
            }
        }

        changes.AddRange(old.Select(nameOf).Where(name => !names.Contains(name)).Select(name => new ReloadChange(name, "removed", [])));
        return changes.ToImmutable();
    }

    private static IEnumerable<string> Differences(PeerConfiguration old, PeerConfiguration now)
    {
        (string Name, string Old, string Now)[] fields =
        [
            ("remote", old.Remote.ToString(), now.Remote.ToString()),
            ("local", old.Local.ToString(), now.Local.ToString()),
            ("port", old.Port.ToString(), now.Port.ToString()),
            ("local-port", old.LocalPort.ToString(), now.LocalPort.ToString()),
            ("remote-port", old.RemotePort.ToString(), now.RemotePort.ToString()),
            ("interface", old.Interface ?? "any", now.Interface ?? "any"),
            ("vrf", old.Vrf ?? "none", now.Vrf ?? "none"),
            ("key-chain", old.KeyChain.Name, now.KeyChain.Name),
            ("mode", SnapshotReader.NameOf(old.Mode), SnapshotReader.NameOf(now.Mode)),
            ("unknown-key", SnapshotReader.NameOf(old.UnknownKey), SnapshotReader.NameOf(now.UnknownKey)),
            ("on-no-key", SnapshotReader.NameOf(old.OnNoKey), SnapshotReader.NameOf(now.OnNoKey)),
            ("accept-icmps", Word(old.AcceptIcmps), Word(now.AcceptIcmps)),
            ("local-nat", Word(old.LocalNat), Word(now.LocalNat)),
            ("remote-nat", Word(old.RemoteNat), Word(now.RemoteNat)),
        ];
        return Sentences(fields);
    }

    private static IEnumerable<string> Differences(KeyChain old, KeyChain now)
    {
        Dictionary<ulong, AoKey> oldKeys = old.Keys.ToDictionary(entry => entry.Id, entry => entry.Key);
        foreach (KeyChainKey entry in now.Keys)
        {
            if (!oldKeys.Remove(entry.Id, out AoKey? other))
            {
                yield return $"key {entry.Id} is added";
                continue;
            }

            foreach (string difference in Differences(other, entry.Key))
            {
                yield return $"key {entry.Id}: {difference}";
            }
        }

        foreach (ulong id in oldKeys.Keys)
        {
            yield return $"key {id} is removed";
        }
    }

    private static IEnumerable<string> Differences(AoKey old, AoKey now)
    {
        (string Name, string Old, string Now)[] fields =
        [
            ("send-id", old.SendId.ToString(), now.SendId.ToString()),
            ("recv-id", old.RecvId.ToString(), now.RecvId.ToString()),
            ("algorithm", old.Algorithm.Name, now.Algorithm.Name),
            ("mac-length", old.MacLength.ToString(), now.MacLength.ToString()),
            ("include-tcp-options", Word(old.IncludeTcpOptions), Word(now.IncludeTcpOptions)),
        ];
        foreach (string sentence in Sentences(fields))
        {
            yield return sentence;
        }

        if (!old.MasterKey.FixedTimeEquals(now.MasterKey))
        {
            yield return "another secret";
        }

        if (old.SendLifetime != now.SendLifetime)
        {
            yield return "another send-lifetime";
        }

        if (old.AcceptLifetime != now.AcceptLifetime)
        {
            yield return "another accept-lifetime";
        }
    }

    private static IEnumerable<string> Sentences((string Name, string Old, string Now)[] fields) =>
        fields.Where(field => !string.Equals(field.Old, field.Now, StringComparison.Ordinal)).Select(field => $"{field.Name} {field.Old} becomes {field.Now}");

    private static string Word(bool value) => value ? "true" : "false";

    private bool IsUncovered(in SocketPair pair, Dictionary<SocketPair, Protection> protection)
    {
        // TCP MD5 leaves no record of its connections; and what had to be protected before is
        if (keysAfter.Find(pair) is not { IsMd5: false, Mode: PeerMode.Required } || keysBefore.Find(pair) is { IsMd5: false, Mode: PeerMode.Required })
        {
            return false;
        }

        return !protection.TryGetValue(pair, out Protection found) || found == Protection.Unsigned;
    }

    /// <summary>What happens to a connection that the engine knows. On the worker's thread.</summary>
    private ImmutableArray<ReloadEffect> EffectsOn(AoConnection connection)
    {
        if (connection.State == ConnectionState.Closed || connection.Protection == Protection.Unsigned)
        {
            return [];
        }

        if (keysAfter.Find(connection.Pair) is not { } policy)
        {
            return [Effect(connection.Pair, connection.Policy.Name, "unprotected", "no peer covers it any more: its segments go unsigned, and the other end will not take them")];
        }

        AoKey?[] used = [connection.CurrentKey, connection.RNextKey, connection.LastKeyId is { } id ? connection.Keys.FindByRecvId(id) : null];
        return [.. used.OfType<AoKey>().Distinct().Where(key => policy.Keys.FindSame(key) is null).Select(key => Effect(
            connection.Pair, policy.Name, "key-goes", $"it uses {key.Name} (send-id {key.SendId}, recv-id {key.RecvId}), which goes or is changed; it keeps it until both ends have left it"))];
    }
}
