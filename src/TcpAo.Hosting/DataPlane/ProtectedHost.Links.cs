using TcpAo.Hosting.Configuration;
using TcpAo.Keys;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    // one change of keys at a time
    private readonly Lock _change = new();

    private IReadOnlyDictionary<string, int> _links = new Dictionary<string, int>();

    private static bool HasScopes(TcpAoConfiguration configuration) => configuration.Peers.Any(peer => peer.IsScoped);

    /// <summary>The keys that engines use with a configuration of this host.</summary>
    private static IKeySource KeysOf(TcpAoConfiguration configuration, IReadOnlyDictionary<string, int> links) =>
        HasScopes(configuration) ? ScopedKeySource.Of(configuration, links) : configuration.Policy;

    private static IReadOnlyDictionary<string, int> ReadLinks()
    {
        using var route = RouteSocket.Open();
        return route.Links();
    }

    /// <summary>The configuration with the interfaces of this host; those that are missing are told.</summary>
    private static TcpAoConfiguration OnHost(TcpAoConfiguration configuration, IReadOnlyDictionary<string, int> links, Action<string> log)
    {
        if (!HasScopes(configuration))
        {
            return configuration;
        }

        foreach (PeerConfiguration peer in configuration.Peers.Where(peer => peer.IsScoped && !links.ContainsKey(peer.Interface!)))
        {
            log($"warning: peer {peer.Name}: there is no interface {peer.Interface}; it is looked for again whenever one comes");
        }

        return configuration.OnHost(links);
    }

    /// <summary>Interfaces came, went or have other names: the peers on them are found by other indexes. On the watch's thread.</summary>
    private void FollowLinks()
    {
        try
        {
            lock (_change)
            {
                IReadOnlyDictionary<string, int> before = _links;
                if (!HasScopes(_configuration))
                {
                    return;
                }

                IReadOnlyDictionary<string, int> links = ReadLinks();
                if (links.Count == before.Count && links.All(link => before.TryGetValue(link.Key, out int index) && index == link.Value))
                {
                    return;
                }

                // the same objects for peers whose interfaces are what they were
                string[] moved = [.. _configuration.Peers.Where(peer => peer.IsScoped).Select(peer => peer.Interface!).Distinct(StringComparer.Ordinal)
                    .Where(name => links.GetValueOrDefault(name) != before.GetValueOrDefault(name))];
                TcpAoConfiguration configuration = moved.Length > 0 ? _configuration.OnHost(links) : _configuration;
                UseKeys(KeysOf(configuration, links));
                _links = links;
                _configuration = configuration;
                _hints.Use(configuration);
                foreach (string name in moved)
                {
                    _options.Log(links.ContainsKey(name) ? $"interface {name} is there: its link-local peers are protected" : $"interface {name} is gone");
                }
            }
        }
        catch (LinuxException error)
        {
            _options.Log($"the interfaces could not be read: {error.Message}; link-local peers on new ones are refused");
        }
        catch (InvalidOperationException)
        {
            // the data plane has ended, which is told elsewhere
        }
    }
}
