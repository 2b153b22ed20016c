using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>The keys that a capture is verified with.</summary>
/// <param name="Chains">Key chains; without peers, candidates are tried in this order.</param>
/// <param name="Peers">
/// The policies of configured peers: they say which connections are to be signed, with which keys, and which end is the local one. Null where
/// there are none.
/// </param>
/// <param name="KnownAddresses">Addresses that a NAT may have hidden: those of the configuration.</param>
public sealed record CaptureKeys(ImmutableArray<CaptureChain> Chains, IKeySource? Peers, ImmutableArray<IpAddressBits> KnownAddresses)
{
    /// <summary>Keys without peers.</summary>
    public static CaptureKeys FromChains(params IEnumerable<KeyChain> chains) =>
        new([.. chains.Select(chain => new CaptureChain(chain.Name, new KeyRing(chain.Keys.Select(key => key.Key))))], null, []);
}
