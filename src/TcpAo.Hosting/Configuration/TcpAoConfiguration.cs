using System.Collections.Immutable;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>A configuration that has been read and found right (docs/reference/configuration.md). Immutable: a reload makes another.</summary>
public sealed record TcpAoConfiguration
{
    /// <summary>The most <see cref="Queues"/>: each keeps some megabytes of buffers.</summary>
    public const int MostQueues = 64;

    /// <summary>The file that it was read from, as it was named.</summary>
    public required string File { get; init; }

    /// <summary>The key chains, in the order of the file; names are unique.</summary>
    public required ImmutableArray<KeyChain> KeyChains { get; init; }

    /// <summary>The peers, in the order of the file; names are unique. Empty where only keys are wanted, as for <c>verify</c>.</summary>
    public required ImmutableArray<PeerConfiguration> Peers { get; init; }

    /// <summary>
    /// Which peer's keys and rules a connection has. In place of an interface or VRF it asks for the number that <see cref="Scopes"/> has for its name: indexes
    /// are a host's, and change.
    /// </summary>
    public required PolicyKeySource Policy { get; init; }

    /// <summary>The same with interfaces and VRFs left aside, for what does not know them, such as a capture; null where peers differ in nothing else.</summary>
    public PolicyKeySource? PolicyOfAnyInterface { get; init; }

    /// <summary>A number for the name of each interface and VRF that tells peers apart, from 1.</summary>
    public required IReadOnlyDictionary<string, int> Scopes { get; init; }

    /// <summary>Queues of the data plane, each with a thread of its own: 1 to <see cref="MostQueues"/>.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>How segments get to the data plane.</summary>
    public DataPath DataPath { get; init; }

    /// <summary>The group that may use the control socket; null for none.</summary>
    public string? ControlGroup { get; init; }

    /// <summary>Name of the group whose programs <c>tcpao exec</c> may run beside root's, or <c>any</c>; null for none.</summary>
    public string? ProgramGroup { get; init; }

    /// <summary>The file that connections are kept in, a full path; null for the usual one.</summary>
    public string? StateFile { get; init; }

    /// <summary>Whether connections are kept over a reboot, so that a peer's stale session gets a signed reset .</summary>
    public bool SurvivesReboot { get; init; }

    /// <summary>Whether the ACK that ends a handshake tells the ISNs where the rest of it was not seen .</summary>
    public bool AcceptsHandshakeAck { get; init; }

    /// <summary>The key store that chains come from beside the file; null for none.</summary>
    public KeyStoreConfiguration? KeyStore { get; init; }

    /// <summary>What works but should be looked at, in the order of the file.</summary>
    public required ImmutableArray<ConfigurationError> Warnings { get; init; }

    /// <summary>Where the key-encryption key comes from that wrapped secrets of the file are wrapped under.</summary>
    internal KeyEncryptionKeySource Kek { get; init; } = new(null);

    /// <summary>The same with other keys in chains that it has already; peers follow.</summary>
    /// <param name="chains">The chains by name; those that it does not have are left out.</param>
    internal TcpAoConfiguration With(IReadOnlyDictionary<string, KeyChain> chains)
    {
        KeyChain Now(KeyChain chain) => chains.GetValueOrDefault(chain.Name, chain);
        ImmutableArray<PeerConfiguration> peers = [.. Peers.Select(peer => peer with { KeyChain = Now(peer.KeyChain) })];
        return this with
        {
            KeyChains = [.. KeyChains.Select(Now)],
            Peers = peers,
            Policy = PolicyBuilder.Rebuild(peers, Scopes),
            PolicyOfAnyInterface = PolicyBuilder.OfAnyInterface(peers),
        };
    }
}
