using System.Collections.Immutable;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Configuration;

/// <summary>A chain that was read, and where it stands.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Map">Its mapping.</param>
/// <param name="Keys">The mappings of its keys, in their order.</param>
internal sealed record KeyChainPlace(KeyChain Chain, ConfigMap Map, ImmutableArray<ConfigMap> Keys);
