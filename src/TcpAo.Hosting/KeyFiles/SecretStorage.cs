namespace TcpAo.Hosting.KeyFiles;

/// <summary>Where a new secret is put.</summary>
public enum SecretStorage
{
    /// <summary>As the last key of the chain has it; where that is an environment variable, into a file.</summary>
    AsBefore,

    /// <summary>In the configuration: <c>secret</c> or <c>secret-hex</c>.</summary>
    Inline,

    /// <summary>In a file of its own beside the configuration: <c>secret-file</c> or <c>secret-hex-file</c>.</summary>
    File,

    /// <summary>In the configuration, wrapped under the key-encryption key: <c>secret-wrapped</c>.</summary>
    Wrapped,
}
