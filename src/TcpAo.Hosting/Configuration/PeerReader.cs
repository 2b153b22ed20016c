using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>Reads the list <c>peers</c> (docs/reference/configuration.md).</summary>
internal sealed class PeerReader(ConfigReport report, ImmutableArray<KeyChain> chains)
{
    private static readonly ImmutableArray<string> s_keys =
    [
        "name", "remote", "local", "port", "local-port", "remote-port", "interface", "vrf", "key-chain", "mode", "accept-icmps",
        "unknown-key", "reject-unexpected", "lock-current-key", "lock-rnext-key", "on-no-key", "local-nat", "remote-nat",
    ];

    private static readonly ImmutableArray<string> s_modes = ["required", "optional", "monitor"];

    private static readonly ImmutableArray<string> s_policies = ["drop", "accept"];

    private static readonly ImmutableArray<string> s_noKeyActions = ["reject", "hold"];

    // IFNAMSIZ less the terminator
    private const int LongestInterface = 15;

    private readonly ImmutableArray<string> _chainNames = [.. chains.Select(chain => chain.Name)];

    /// <summary>The peers; those without a name, remote or chain are left out (reported then).</summary>
    internal ImmutableArray<PeerConfiguration> Read(ConfigMap root)
    {
        ImmutableArray<ConfigNode> nodes = root.List("peers");
        ImmutableArray<PeerConfiguration>.Builder peers = ImmutableArray.CreateBuilder<PeerConfiguration>(nodes.Length);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int index = 0; index < nodes.Length; index++)
        {
            ConfigMap? map = ConfigMap.Read(nodes[index], $"peers[{nodes[index].Label("name", index)}]", report, s_keys);
            if (map is null)
            {
                continue;
            }

            string? name = RequiredText(map, "name");
            if (name is not null && !names.Add(name))
            {
                map.Error("name", $"another peer is named {Shown.Quoted(name)} already");
            }

            if (Peer(map, name) is { } peer)
            {
                peers.Add(peer);
            }
        }

        return peers.ToImmutable();
    }

    private PeerConfiguration? Peer(ConfigMap map, string? name)
    {
        map.Require("remote");
        IpPrefix remote = Prefix(map, "remote");
        IpPrefix local = Prefix(map, "local");
        if (!remote.IsAny && !local.IsAny && remote.Family != local.Family)
        {
            map.Error("local", "local and remote must both be IPv4 or both be IPv6");
            local = IpPrefix.Any;
        }

        KeyChain? chain = Chain(map);
        PortMatch port = Port(map, "port");
        PortMatch localPort = Port(map, "local-port");
        PortMatch remotePort = Port(map, "remote-port");
        if (map.Has("port") && (map.Has("local-port") || map.Has("remote-port")))
        {
            map.Error("port", "port is for either end, and stands without local-port and remote-port");
        }

        PeerConfiguration peer = new()
        {
            Name = name ?? "",
            Remote = remote,
            Local = local,
            Port = port,
            LocalPort = localPort,
            RemotePort = remotePort,
            Interface = Interface(map, "interface"),
            Vrf = Interface(map, "vrf"),
            KeyChain = chain!,
            Mode = (PeerMode)(map.Word("mode", s_modes) ?? 0),
            AcceptIcmps = map.Flag("accept-icmps", false),
            UnknownKey = (UnknownKeyAction)(map.Word("unknown-key", s_policies) ?? 0),
            LockCurrentKey = map.Flag("lock-current-key", false),
            LockRNextKey = map.Flag("lock-rnext-key", false),
            OnNoKey = (NoKeyAction)(map.Word("on-no-key", s_noKeyActions) ?? 0),
            RejectUnexpected = map.Flag("reject-unexpected", true),
            LocalNat = map.Flag("local-nat", false),
            RemoteNat = map.Flag("remote-nat", false),
            Line = map.Node.Line,
            Column = map.Node.Column,
        };
        if (peer is { Mode: PeerMode.Required, UnknownKey: UnknownKeyAction.Accept })
        {
            map.Warn("unknown-key", "has no effect in mode required, which lets nothing unverified pass", "use mode optional, or leave it out");
        }

        if (peer.Mode == PeerMode.Required && map.Has("reject-unexpected"))
        {
            map.Warn("reject-unexpected", "has no effect in mode required, which has no unsigned connections", "use mode optional or monitor, or leave it out");
        }

        return name is null || !map.Has("remote") || chain is null ? null : peer;
    }

    private KeyChain? Chain(ConfigMap map)
    {
        if (RequiredText(map, "key-chain") is not { } name)
        {
            return null;
        }

        // without any chain there is an error already
        if (!_chainNames.IsEmpty && !_chainNames.Contains(name))
        {
            string known = $"there are {string.Join(", ", _chainNames.Select(chain => Shown.Bare(chain)))}";
            map.Error("key-chain", $"there is no key chain {Shown.Quoted(name)}", Spelling.Suggest(name, _chainNames) ?? known);
        }

        return chains.FirstOrDefault(chain => string.Equals(chain.Name, name, StringComparison.Ordinal));
    }

    private static string? RequiredText(ConfigMap map, string key)
    {
        map.Require(key);
        return map.Text(key);
    }

    private static IpPrefix Prefix(ConfigMap map, string key)
    {
        if (map.Text(key) is not { } text)
        {
            return IpPrefix.Any;
        }

        if (!IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason))
        {
            map.Error(key, Shown.Reason(reason), text.Contains('%', StringComparison.Ordinal) ? "name the interface with 'interface:'" : null);
        }

        return prefix;
    }

    private static PortMatch Port(ConfigMap map, string key)
    {
        PortMatch ports = PortMatch.Any;
        if (map.Text(key) is { } text && !PortMatch.TryParse(text, out ports, out string? reason))
        {
            map.Error(key, Shown.Reason(reason));
        }

        return ports;
    }

    private static string? Interface(ConfigMap map, string key)
    {
        string? name = map.Text(key);
        if (name is not null && (name.Length > LongestInterface || name is "." or ".." || name.Any(c => char.IsWhiteSpace(c) || c is '/' or ':')))
        {
            map.Error(key, $"must be the name of a network interface, up to {LongestInterface} characters, not {Shown.Quoted(name)}");
        }

        return name;
    }
}
