using System.Collections.Immutable;

namespace TcpAo.KeyChains;

/// <summary>A chain of <see cref="YangKeyChains"/> (R-121).</summary>
/// <param name="Name">The name.</param>
/// <param name="Keys">The keys.</param>
/// <param name="AcceptTolerance">By how much accept lifetimes are widened at both ends.</param>
/// <param name="Description">A sentence for people; null for none.</param>
public sealed record YangKeyChain(string Name, ImmutableArray<YangKey> Keys, TimeSpan AcceptTolerance, string? Description);
