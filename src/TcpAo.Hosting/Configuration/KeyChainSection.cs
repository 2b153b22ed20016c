using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// Reads key chains from a section of .NET's configuration, such as one of <c>appsettings.json</c>: the same words as in the file of <c>tcpao run</c> (docs/reference/configuration.md),
/// just as strictly.
/// </summary>
public static class KeyChainSection
{
    private static readonly ImmutableArray<string> s_keys = ["key-chains"];

    /// <summary>Reads the chains of a section.</summary>
    /// <param name="section">The section that has <c>key-chains</c>.</param>
    /// <param name="directory">The folder that relative names of secret files start from.</param>
    /// <param name="warnings">What is not wrong and probably not meant.</param>
    /// <exception cref="ConfigurationException">Something in it is wrong.</exception>
    public static ImmutableArray<KeyChain> Read(IConfiguration section, string directory, out ImmutableArray<ConfigurationError> warnings)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(directory);
        ConfigReport report = new(section is IConfigurationSection named ? named.Path : "configuration");
        SecretReader secrets = new(report, directory, openToOthers: false, new KeyEncryptionKeySource(null), pendingFiles: null);
        ImmutableArray<KeyChain> chains = ConfigMap.Read(Map(section), "", report, s_keys) is { } map ? new KeyChainReader(report, secrets).Read(map) : [];
        warnings = report.Warnings();
        if (report.HasErrors)
        {
            secrets.Erase();
            throw new ConfigurationException(report.Errors());
        }

        return chains;
    }

    private static ConfigNode Map(IConfiguration configuration) => new(ConfigNodeKind.Map, 0, 0)
    {
        Entries = [.. configuration.GetChildren().Select(child => KeyValuePair.Create(Scalar(child.Key), Node(child)))],
    };

    /// <summary>.NET has neither lists nor numbers: a list has the keys 0, 1, and so on, and every value is a text.</summary>
    private static ConfigNode Node(IConfigurationSection section)
    {
        IConfigurationSection[] children = [.. section.GetChildren()];
        if (children.Length == 0)
        {
            return Scalar(section.Value ?? "");
        }

        return children.All(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? new ConfigNode(ConfigNodeKind.List, 0, 0) { Items = [.. children.Select(Node)] }
            : Map(section);
    }

    private static ConfigNode Scalar(string text) => new(ConfigNodeKind.Scalar, 0, 0) { Text = text, IsPlain = true };
}
