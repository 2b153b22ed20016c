using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Recipes;

/// <summary>What a recipe is wanted for.</summary>
/// <param name="Chain">The chain, as it is on our side.</param>
/// <param name="Now">The time: keys that are over are left out.</param>
public sealed record RecipeRequest(KeyChain Chain, DateTimeOffset Now)
{
    /// <summary>The peer that the recipe is for; null for the keys alone.</summary>
    public PeerConfiguration? Peer { get; init; }

    /// <summary>Our address, as the other side has it for a neighbour; null for the peer's <c>local:</c>, where that is one address.</summary>
    public string? OurAddress { get; init; }

    /// <summary>Whether secrets are written; else a mark stands in their place.</summary>
    public bool WithSecrets { get; init; }

    /// <summary>Our address, or a mark where it is not known.</summary>
    internal string Neighbor => OurAddress ?? (Peer is { Local.IsHost: true } peer ? peer.Local.Address.ToString() : "<our-address>");
}
