using System.Collections.Immutable;

namespace TcpAo.KeyChains;

/// <summary>The tree <c>ietf-key-chain:key-chains</c> (RFC 8177) with the TCP-AO leaves of <c>ietf-tcp</c> (RFC 9648), as far as keys of TCP need it.</summary>
/// <param name="Chains">The chains.</param>
/// <param name="AesKeyWrap">Whether key strings are wrapped (RFC 5649; the leaf <c>aes-key-wrap/enable</c>, R-124).</param>
public sealed record YangKeyChains(ImmutableArray<YangKeyChain> Chains, bool AesKeyWrap);
