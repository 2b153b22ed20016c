using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// Reads the configuration (docs/reference/configuration.md): YAML, or the same tree as JSON. Strict: what is not understood is an error,
/// and all errors are told at once, each with its line.
/// </summary>
public static class ConfigurationFile
{
    // some ten thousand keys
    private const int LongestFile = 16 * 1024 * 1024;

    private static readonly ImmutableArray<string> s_groupKeys = ["group"];

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly ImmutableArray<string> s_keys = ["key-chains", "peers", "queues", "state-file", "survive-reboot", "accept-handshake-ack", "control", "exec"];

    /// <summary>Reads the file at <paramref name="path"/>. Secrets in files are read too, relative to its folder.</summary>
    /// <param name="path">The file; messages call it by this name.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or something in it is wrong.</exception>
    public static TcpAoConfiguration Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!BoundedFile.TryRead(path, LongestFile, out byte[]? bytes, out bool openToOthers, out string? reason))
        {
            throw Failed(path, $"cannot read the configuration: {reason}", reason switch
            {
                "it is a directory" => "name the file in it",
                "permission denied" => "the user that runs tcpao must be able to read it",
                _ => "check the name",
            });
        }

        try
        {
            ReadOnlySpan<byte> content = bytes;
            content = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
            string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
            return Parse(s_strictUtf8.GetString(content), path, directory, openToOthers);
        }
        catch (DecoderFallbackException)
        {
            throw Failed(path, "the file is not UTF-8 text", "a configuration is YAML or JSON in UTF-8");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Reads a configuration that did not come from a file of its own.</summary>
    /// <param name="yaml">The configuration.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="directory">The folder that relative names of secret files start from.</param>
    /// <exception cref="ConfigurationException">Something in it is wrong.</exception>
    public static TcpAoConfiguration Parse(string yaml, string name, string directory)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(directory);
        return Parse(yaml, name, directory, openToOthers: false);
    }

    private static TcpAoConfiguration Parse(string yaml, string name, string directory, bool openToOthers)
    {
        ConfigReport report = new(name);
        ConfigNode? root = ConfigNodeReader.Read(yaml, report);
        if (!report.HasErrors && root is null or { IsNull: true })
        {
            throw Failed(name, "the file holds no configuration", "it begins with 'key-chains:'");
        }

        if (root is null || ConfigMap.Read(root, "", report, s_keys) is not { } map)
        {
            throw new ConfigurationException(report.Errors());
        }

        SecretReader secrets = new(report, directory, openToOthers);
        ImmutableArray<KeyChain> chains = new KeyChainReader(report, secrets).Read(map);
        ImmutableArray<PeerConfiguration> peers = new PeerReader(report, chains).Read(map);
        int queues = (int)(map.Number("queues", 1, TcpAoConfiguration.MostQueues) ?? 1);
        string? group = GroupIn(map, "control", "the group that may use the control socket beside root", report);
        string? programs = GroupIn(map, "exec", "the group whose programs 'tcpao exec' may run here beside root's, or 'any'", report);
        string? stateFile = map.Text("state-file");
        bool acceptsAck = map.Flag("accept-handshake-ack", false);
        bool survivesReboot = map.Flag("survive-reboot", false);
        if (survivesReboot && stateFile is null)
        {
            map.Error("survive-reboot", "needs state-file: what is below /run is gone after a reboot", "state-file: /var/lib/tcpao/connections.state");
        }

        IReadOnlyDictionary<string, int> scopes = PolicyBuilder.ScopesOf(peers);
        PolicyKeySource? policy = report.HasErrors ? null : PolicyBuilder.Build(peers, scopes, report);
        if (policy is null)
        {
            secrets.Erase();
            throw new ConfigurationException(report.Errors());
        }

        return new TcpAoConfiguration
        {
            File = name,
            KeyChains = chains,
            Peers = peers,
            Policy = policy,
            Scopes = scopes,
            PolicyOfAnyInterface = PolicyBuilder.OfAnyInterface(peers),
            Queues = queues,
            StateFile = stateFile is null ? null : Path.GetFullPath(stateFile, Path.GetFullPath(directory)),
            SurvivesReboot = survivesReboot,
            AcceptsHandshakeAck = acceptsAck,
            ControlGroup = group,
            ProgramGroup = programs,
            Warnings = report.Warnings(),
        };
    }

    private static string? GroupIn(ConfigMap root, string key, string what, ConfigReport report)
    {
        if (root.Find(key) is not { } node || ConfigMap.Read(node, key, report, s_groupKeys) is not { } map)
        {
            return null;
        }

        map.Require("group", what);
        return map.Text("group");
    }

    private static ConfigurationException Failed(string file, string message, string hint) =>
        new([new ConfigurationError(file, 0, 0, "", message, hint)]);
}
