using System.Collections.Immutable;
using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;

namespace TcpAo.Cli.Verify;

/// <summary>The keys of a configuration file as the verifier wants them.</summary>
/// <param name="Keys">Chains and peers.</param>
internal sealed record CaptureKeysFile(CaptureKeys Keys)
{
    /// <exception cref="UserErrorException">The configuration is wrong; one line for each error.</exception>
    public static CaptureKeysFile Load(string path, string? kekFile = null)
    {
        TcpAoConfiguration configuration = ConfigurationText.Load(path, kekFile);
        PolicyKeySource? peers = configuration.Peers.IsEmpty ? null : configuration.PolicyOfAnyInterface;
        ImmutableArray<CaptureChain> chains = [.. configuration.KeyChains.Select(chain => new CaptureChain(chain.Name, chain.Ring))];
        IEnumerable<IpAddressBits> known = configuration.Peers.SelectMany(peer => (IEnumerable<IpPrefix>)[peer.Remote, peer.Local]).Where(prefix => prefix.IsHost).Select(prefix => prefix.Address);
        return new CaptureKeysFile(new CaptureKeys(chains, peers, [.. known]));
    }
}
