using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    // one change of keys at a time
    private readonly Lock _change = new();

    // names that peers depend on and their indexes, as they were told last
    private Dictionary<string, int> _told = [];

    /// <summary>Tells which interfaces and VRFs that peers depend on are missing.</summary>
    private void TellMissing(TcpAoConfiguration configuration)
    {
        IReadOnlyDictionary<string, int> indexes = _links.Indexes();
        foreach (PeerConfiguration peer in configuration.Peers.Where(peer => peer.Scope is { } name && !indexes.ContainsKey(name)))
        {
            _options.Log($"warning: peer {peer.Name}: there is no interface {peer.Scope}; its segments are refused unless it comes");
        }

        _told = Scopes(configuration, indexes);
    }

    private static Dictionary<string, int> Scopes(TcpAoConfiguration configuration, IReadOnlyDictionary<string, int> indexes) =>
        configuration.Scopes.Keys.ToDictionary(name => name, name => indexes.GetValueOrDefault(name), StringComparer.Ordinal);

    /// <summary>Interfaces came, went or have other names: what peers depend on is told. On the watch's thread.</summary>
    private void FollowLinks()
    {
        lock (_change)
        {
            // not only what was told: each listener is told a moment after the other
            _links.Read();
            Dictionary<string, int> now = Scopes(_configuration, _links.Indexes());
            foreach ((string name, int index) in now.Where(link => link.Value != _told.GetValueOrDefault(link.Key)))
            {
                _options.Log(index != 0 ? $"interface {name} is there: its peers are protected" : $"interface {name} is gone");
            }

            _told = now;
            FollowTunLinks();
        }
    }
}
