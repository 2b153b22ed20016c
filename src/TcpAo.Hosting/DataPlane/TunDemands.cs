using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tun;

namespace TcpAo.Hosting.DataPlane;

/// <summary>What a configuration and a host must be like for the fast path.</summary>
internal static class TunDemands
{
    private const string IptablesTables = "/proc/net/ip_tables_names";

    /// <summary>Why the fast path cannot be had, or should not; null where nothing speaks against it.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="isCareful">Whether what an administrator may have meant to see all packets counts too.</param>
    public static string? ReasonAgainst(TcpAoConfiguration configuration, bool isCareful)
    {
        if (configuration.Queues > 1)
        {
            return $"queues: {configuration.Queues}; the device has one thread";
        }

        if (configuration.Peers.FirstOrDefault(peer => peer.Interface is not null && !peer.IsScoped) is { } bound)
        {
            return $"peer {bound.Name} is met by the interface {bound.Interface} alone";
        }

        return isCareful ? Watchers() : null;
    }

    /// <summary>Rules of others, which segments would pass by another interface, or not at all.</summary>
    private static string? Watchers()
    {
        if (NftHook.ReadAll().FirstOrDefault(hook => hook.MaySeeSegments) is { Chain: not null } other)
        {
            return $"nf_tables chain {other.Table}/{other.Chain} may want to see the segments";
        }

        bool isRouted = false;
        RouteSocket.Use(route => isRouted = route.HasOtherRules(TunPath.SteerMark));
        if (isRouted)
        {
            return "there are routing rules (ip rule), which segments might need";
        }

        return File.Exists(IptablesTables) && File.ReadAllText(IptablesTables).Trim() is { Length: > 0 } ? "iptables rules may want to see the segments" : null;
    }
}
