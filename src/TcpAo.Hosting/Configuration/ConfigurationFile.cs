using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TcpAo.KeyChains;

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

    // in the order of the enumeration
    private static readonly ImmutableArray<string> s_dataPaths = ["nfqueue", "tun", "auto"];

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly ImmutableArray<string> s_keys = ["key-chains", "peers", "queues", "data-path", "state-file", "survive-reboot", "accept-handshake-ack", "control", "exec", "kek-file", "key-store"];

    /// <summary>Reads the file at <paramref name="path"/>. Secrets in files are read too, relative to its folder.</summary>
    /// <param name="path">The file; messages call it by this name.</param>
    /// <param name="kekFile">File of the key-encryption key for wrapped secrets; null for where the configuration or the environment says (docs/reference/configuration.md).</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or something in it is wrong.</exception>
    public static TcpAoConfiguration Load(string path, string? kekFile = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ReadText(path, (text, openToOthers, _) => Read(text, path, DirectoryOf(path), openToOthers, kekFile).Finish());
    }

    /// <summary>Reads a configuration that did not come from a file of its own.</summary>
    /// <param name="yaml">The configuration.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="directory">The folder that relative names of secret files start from.</param>
    /// <param name="kekFile">File of the key-encryption key for wrapped secrets; null for where the configuration or the environment says.</param>
    /// <exception cref="ConfigurationException">Something in it is wrong.</exception>
    public static TcpAoConfiguration Parse(string yaml, string name, string directory, string? kekFile = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(directory);
        return Read(yaml, name, directory, openToOthers: false, kekFile).Finish();
    }

    /// <summary>The folder that relative names in the file start from.</summary>
    internal static string DirectoryOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    /// <summary>Hands the text of a file to <paramref name="use"/>, whether group or others may read the file, and whether it begins with a byte order mark.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or is not UTF-8.</exception>
    internal static T ReadText<T>(string path, Func<string, bool, bool, T> use)
    {
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
            bool hasMark = content.StartsWith("\uFEFF"u8);
            return use(s_strictUtf8.GetString(hasMark ? content[3..] : content), openToOthers, hasMark);
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

    /// <summary>Reads all that can be read; what is wrong is in the report of what comes back.</summary>
    /// <param name="yaml">The configuration.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="directory">The folder that relative names of secret files start from.</param>
    /// <param name="openToOthers">Whether group or others may read the file.</param>
    /// <param name="kekFile">File of the key-encryption key; null for where the configuration or the environment says.</param>
    /// <param name="pendingFiles">Secret files that are not written yet, by full path.</param>
    /// <exception cref="ConfigurationException">There is nothing that could be a configuration.</exception>
    internal static ConfigurationReading Read(
        string yaml,
        string name,
        string directory,
        bool openToOthers,
        string? kekFile,
        IReadOnlyDictionary<string, byte[]>? pendingFiles = null)
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

        string fullDirectory = Path.GetFullPath(directory);
        string? configuredKek = map.Text("kek-file");
        var kek = new KeyEncryptionKeySource(kekFile, configuredKek is null ? null : Path.GetFullPath(configuredKek, fullDirectory));
        SecretReader secrets = new(report, fullDirectory, openToOthers, kek, pendingFiles);
        KeyChainReader chainReader = new(report, secrets);
        KeyStoreConfiguration? store = new KeyStoreReader(report, fullDirectory).Read(map);
        ImmutableArray<KeyChain> chains = chainReader.Read(map, store?.Chains.Select(chain => chain.Name) ?? []);
        ImmutableArray<PeerConfiguration> peers = new PeerReader(report, chains).Read(map);
        string? stateFile = map.Text("state-file");
        bool survivesReboot = map.Flag("survive-reboot", false);
        if (survivesReboot && stateFile is null)
        {
            map.Error("survive-reboot", "needs state-file: what is below /run is gone after a reboot", "state-file: /var/lib/tcpao/connections.state");
        }

        return new ConfigurationReading
        {
            Root = root,
            Report = report,
            Secrets = secrets,
            Places = chainReader.Places,
            KeyChains = chains,
            Peers = peers,
            Kek = kek,
            KeyStore = store,
            Queues = (int)(map.Number("queues", 1, TcpAoConfiguration.MostQueues) ?? 1),
            DataPath = (DataPath)(map.Word("data-path", s_dataPaths) ?? 0),
            ControlGroup = GroupIn(map, "control", "the group that may use the control socket beside root", report),
            ProgramGroup = GroupIn(map, "exec", "the group whose programs 'tcpao exec' may run here beside root's, or 'any'", report),
            AcceptsHandshakeAck = map.Flag("accept-handshake-ack", false),
            SurvivesReboot = survivesReboot,
            StateFile = stateFile is null ? null : Path.GetFullPath(stateFile, fullDirectory),
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
