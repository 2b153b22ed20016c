using System.Collections.Immutable;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>A configuration as it was read, with its places and with what is wrong: for those who want more than one that is right.</summary>
internal sealed class ConfigurationReading
{
    public required ConfigNode Root { get; init; }

    public required ConfigReport Report { get; init; }

    public required SecretReader Secrets { get; init; }

    public required IReadOnlyList<KeyChainPlace> Places { get; init; }

    public required ImmutableArray<KeyChain> KeyChains { get; init; }

    public required ImmutableArray<PeerConfiguration> Peers { get; init; }

    public required KeyEncryptionKeySource Kek { get; init; }

    public required KeyStoreConfiguration? KeyStore { get; init; }

    public required int Queues { get; init; }

    public required DataPath DataPath { get; init; }

    public required string? ControlGroup { get; init; }

    public required string? ProgramGroup { get; init; }

    public required bool AcceptsHandshakeAck { get; init; }

    public required bool SurvivesReboot { get; init; }

    public required string? StateFile { get; init; }

    /// <summary>The configuration, if nothing is wrong.</summary>
    /// <exception cref="ConfigurationException">Something is; the secrets are erased.</exception>
    public TcpAoConfiguration Finish()
    {
        IReadOnlyDictionary<string, int> scopes = PolicyBuilder.ScopesOf(Peers);
        PolicyKeySource? policy = Report.HasErrors ? null : PolicyBuilder.Build(Peers, scopes, Report);
        if (policy is null)
        {
            Secrets.Erase();
            throw new ConfigurationException(Report.Errors());
        }

        return new TcpAoConfiguration
        {
            File = Report.File,
            KeyChains = KeyChains,
            Peers = Peers,
            Policy = policy,
            Scopes = scopes,
            PolicyOfAnyInterface = PolicyBuilder.OfAnyInterface(Peers),
            Queues = Queues,
            DataPath = DataPath,
            StateFile = StateFile,
            SurvivesReboot = SurvivesReboot,
            AcceptsHandshakeAck = AcceptsHandshakeAck,
            ControlGroup = ControlGroup,
            ProgramGroup = ProgramGroup,
            KeyStore = KeyStore,
            Kek = Kek,
            Warnings = Report.Warnings(),
        };
    }
}
