using TcpAo.KeyChains;

namespace TcpAo.Hosting.Configuration;

/// <summary>Reads one key chain that stands alone, as an entry of <c>key-chains</c> does and as strictly.</summary>
internal static class KeyChainText
{
    /// <summary>Reads a chain.</summary>
    /// <param name="text">JSON or YAML.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="name">The name that it must have.</param>
    /// <param name="directory">The folder that relative names of secret files start from.</param>
    /// <param name="kek">Where the key comes from that wrapped secrets are wrapped under.</param>
    /// <exception cref="ConfigurationException">Something in it is wrong; its secrets are erased.</exception>
    internal static KeyChain Read(string text, string source, string name, string directory, KeyEncryptionKeySource kek)
    {
        ConfigReport report = new(source);
        SecretReader secrets = new(report, directory, openToOthers: false, kek, pendingFiles: null);
        ConfigNode? node = ConfigNodeReader.Read(text, report);
        KeyChain? chain = node is null ? null : new KeyChainReader(report, secrets).ReadOne(node);
        if (node is not null && chain is not null && !string.Equals(chain.Name, name, StringComparison.Ordinal))
        {
            report.Error(node, "name", $"the chain is named {Shown.Quoted(chain.Name)} and not {Shown.Quoted(name)}");
        }

        if (chain is { Keys.IsEmpty: true } && !report.HasErrors)
        {
            report.Error(node!, "keys", "the chain has no key", "its peers would be cut off");
        }

        if (report.HasErrors || chain is null)
        {
            secrets.Erase();
            throw new ConfigurationException(report.HasErrors ? report.Errors() : [new ConfigurationError(source, 0, 0, "", "there is no key chain", "it begins with 'name:'")]);
        }

        return chain;
    }
}
