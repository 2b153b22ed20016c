using TcpAo.Connections;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Emulation;
using TcpAo.Keys;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    private ProgramServer? _programs;

    /// <summary>Begins to serve programs of <c>tcpao exec</c> in this network namespace: a peer under a policy keeps the policy.</summary>
    /// <param name="path">The file of the socket that they come by.</param>
    /// <exception cref="IOException">The socket cannot be made; the message says why.</exception>
    /// <exception cref="Configuration.ConfigurationException">The host has no group of the name that <c>exec:</c> says.</exception>
    /// <exception cref="Linux.LinuxException">The socket cannot be given to the group.</exception>
    public void ServePrograms(string path)
    {
        var planes = new SocketPlanes(new SocketPlaneOptions
        {
            Time = _options.Time,
            Log = _options.Log,
            Events = Events,
            Policy = new CurrentPolicy(this),
            PolicyMatches = () => [.. _configuration.Peers.SelectMany(peer => peer.Matches())],
            ServesOtherNamespaces = false,
        });
        _programs = ProgramServer.Listen(path, planes, HostControl.ProgramsOf(_configuration), _options.Log);
    }

    /// <summary>The policy that is in force at each moment.</summary>
    private sealed class CurrentPolicy(ProtectedHost host) : IKeySource
    {
        public ConnectionPolicy? Find(in SocketPair pair) => host._keys.Find(pair);
    }
}
