using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// Where the key-encryption key comes from, the first that there is: a file named on the command line, <c>kek-file:</c> of the configuration, the credential
/// <c>tcpao-kek</c> of the service manager, the environment variable TCPAO_KEK. Always hex digits. Read when first needed.
/// </summary>
/// <param name="file">The file named on the command line; null for none.</param>
/// <param name="configuredFile">The configuration's, a full path; null for none.</param>
public sealed class KeyEncryptionKeySource(string? file, string? configuredFile = null)
{
    /// <summary>The credential's name below $CREDENTIALS_DIRECTORY.</summary>
    public const string CredentialName = "tcpao-kek";

    /// <summary>The environment variable.</summary>
    public const string VariableName = "TCPAO_KEK";

    private const int LongestFile = 256;

    private KeyEncryptionKey? _key;
    private string? _reason;

    /// <summary>A source of a key that is there already.</summary>
    internal static KeyEncryptionKeySource Of(KeyEncryptionKey key) => new(null) { _key = key };

    /// <summary>The key-encryption key, or why there is none.</summary>
    /// <param name="key">The key; it belongs to the source.</param>
    /// <param name="reason">A sentence without the key.</param>
    public bool TryGet([NotNullWhen(true)] out KeyEncryptionKey? key, [NotNullWhen(false)] out string? reason)
    {
        if (_key is null && _reason is null)
        {
            _key = Find(out _reason);
        }

        key = _key;
        reason = _key is null ? _reason ?? "" : null;
        return _key is not null;
    }

    private KeyEncryptionKey? Find(out string? reason)
    {
        string? credential = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } folder ? Path.Combine(folder, CredentialName) : null;
        if ((file ?? configuredFile) is { } named)
        {
            return FromFile(named, out reason);
        }

        if (credential is not null && File.Exists(credential))
        {
            return FromFile(credential, out reason);
        }

        if (Environment.GetEnvironmentVariable(VariableName) is { Length: > 0 } text)
        {
            return FromHex(text, $"the environment variable {VariableName}", out reason);
        }

        reason = $"there is no key-encryption key: name a file with --kek-file or kek-file:, or give the credential {CredentialName} or the environment variable {VariableName}";
        return null;
    }

    private static KeyEncryptionKey? FromFile(string path, out string? reason)
    {
        if (!BoundedFile.TryRead(path, LongestFile, out byte[]? bytes, out bool openToOthers, out reason))
        {
            reason = $"cannot read the key-encryption key '{Shown.File(path)}': {reason}";
            return null;
        }

        char[] digits = new char[bytes.Length];
        try
        {
            if (openToOthers)
            {
                reason = $"group or others may read the key-encryption key '{Shown.File(path)}': chmod 600 {Shown.File(path)}";
                return null;
            }

            Encoding.Latin1.GetChars(bytes, digits);
            return FromHex(digits.AsSpan().Trim(), $"'{Shown.File(path)}'", out reason);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(digits);
        }
    }

    private static KeyEncryptionKey? FromHex(ReadOnlySpan<char> digits, string where, out string? reason)
    {
        byte[] bytes = new byte[digits.Length / 2];
        try
        {
            if (digits.Length is not (32 or 48 or 64) || Convert.FromHexString(digits, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            {
                reason = $"the key-encryption key in {where} must be 32, 48 or 64 hex digits; 'tcpao keys generate --kek' makes one";
                return null;
            }

            reason = null;
            return KeyEncryptionKey.FromBytes(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
