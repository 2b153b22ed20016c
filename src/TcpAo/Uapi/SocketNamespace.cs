using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>What the sockets of one network namespace have in common. Its owner keeps it up to date; a change counts from the next call on.</summary>
public sealed class SocketNamespace
{
    /// <summary>Bytes of memory for options that a socket may have: <c>net.core.optmem_max</c>.</summary>
    public int OptMemMax { get; set; } = 131_072;

    /// <summary>The L3 master devices; null where there are none.</summary>
    public IL3Devices? L3Devices { get; set; }

    /// <summary>Who does TCP MD5.</summary>
    public Md5Support Md5 { get; set; }

    /// <summary>The policy's keys, which come before a socket's; null where there is none.</summary>
    public IKeySource? Policy { get; set; }

    /// <summary>The keys of connections whose sockets have none of their own; null where such connections are unsigned.</summary>
    public IKeySource? Defaults { get; set; }

    /// <summary>
    /// The connections that the policy owns. TCP_AO_ADD_KEY for a peer that one of them covers answers EKEYREJECTED, unless what is known
    /// of the socket's ports excludes it.
    /// </summary>
    public ImmutableArray<ConnectionMatch> PolicyMatches { get; set; } = [];

    /// <summary>
    /// Whether connections that wait for <c>accept()</c> follow the keys of their listener: a key that it gets or loses they get or lose too, unless they
    /// use it. Linux leaves that race to the program; so it is off by default.
    /// </summary>
    public bool QueuedConnectionsFollowListener { get; set; }

    /// <summary>
    /// Whether sockets take what Linux has no field for (<see cref="TcpAoExtension"/>). It is off by default: a value with an extension is E2BIG then, as on Linux.
    /// </summary>
    public bool AllowExtensions { get; set; }

    internal int MasterOf(int device) => device == 0 ? 0 : L3Devices?.MasterOf(device) ?? 0;

    /// <summary>Whether the policy owns what a key is for.</summary>
    internal bool PolicyOwns(IpPrefix remote, in SocketFacts facts)
    {
        if (PolicyMatches.IsEmpty)
        {
            return false;
        }

        SocketPair pair = facts.Pair;
        PortMatch localPort = pair.LocalPort == 0 ? PortMatch.Any : PortMatch.Of(pair.LocalPort);
        PortMatch remotePort = facts.HasPeer ? PortMatch.Of(pair.RemotePort) : PortMatch.Any;
        int vrf = MasterOf(facts.BoundDevice);
        foreach (ConnectionMatch match in PolicyMatches)
        {
            bool covers = match.Remote.IsAny || (match.Remote.Overlaps(remote) && match.Remote.PrefixLength <= remote.PrefixLength && !remote.IsAny);
            if (covers
                && match.LocalPort.Overlaps(localPort)
                && match.RemotePort.Overlaps(remotePort)
                && (pair.Local == default || SockAddr.IsAny(pair.Local) || match.Local.Contains(pair.Local))
                && (match.Vrf is null || match.Vrf == vrf))
            {
                return true;
            }
        }

        return false;
    }
}
