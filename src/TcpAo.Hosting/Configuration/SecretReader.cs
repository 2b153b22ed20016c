using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// Reads the secret of a key in whichever form it is given: text or hex (R-104), here, in a file or in the environment.
/// Nothing that it reports holds a character of a secret.
/// </summary>
/// <param name="report">Takes what is wrong.</param>
/// <param name="directory">The folder that relative file names start from.</param>
/// <param name="openToOthers">Whether group or others may read the configuration file itself.</param>
/// <param name="pendingFiles">Files that are not written yet, by full path.</param>
/// <param name="kek">Where the key comes from that wrapped secrets are wrapped under.</param>
internal sealed class SecretReader(ConfigReport report, string directory, bool openToOthers, KeyEncryptionKeySource kek, IReadOnlyDictionary<string, byte[]>? pendingFiles)
{
    /// <summary>The forms there are.</summary>
    internal static readonly ImmutableArray<string> Forms = ["secret", "secret-hex", "secret-file", "secret-hex-file", "secret-env", "secret-wrapped"];

    // hex of the longest key with generous whitespace
    private const int LongestFile = 1024;

    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly List<Secret> _made = [];
    private bool _warnedOfInline;

    /// <summary>The secret of the key <paramref name="map"/>, or null when there is none that can be used (reported then).</summary>
    internal Secret? Read(ConfigMap map)
    {
        Secret? secret = Find(map);
        if (secret is not null)
        {
            _made.Add(secret);
        }

        return secret;
    }

    /// <summary>Erases every secret that was read: for a configuration that is not used.</summary>
    internal void Erase() => _made.ForEach(secret => secret.Dispose());

    private Secret? Find(ConfigMap map)
    {
        ImmutableArray<string> given = [.. Forms.Where(map.Has)];
        if (given.Length == 0)
        {
            if (Forms.Any(map.HasMeant))
            {
                return null;
            }

            map.Missing("the secret", $"give one of {string.Join(", ", Forms)}");
            return null;
        }

        if (given.Length > 1)
        {
            string last = given.MaxBy(form => (map.Find(form)!.Line, map.Find(form)!.Column))!;
            map.Error(last, $"only one of {string.Join(" and ", given)} may be given");
            return null;
        }

        string key = given[0];
        if (map.Scalar(key, emptyIsText: key is "secret" or "secret-hex") is not { } node)
        {
            return null;
        }

        return key switch
        {
            "secret" => Inline(map, key, node, hex: false),
            "secret-hex" => Inline(map, key, node, hex: true),
            "secret-env" => FromEnvironment(map, key, node.Text),
            "secret-wrapped" => FromWrapped(map, key, node.Text),
            _ => FromFile(map, key, node, hex: key is "secret-hex-file"),
        };
    }

    private Secret? Inline(ConfigMap map, string key, ConfigNode node, bool hex)
    {
        if (openToOthers && !_warnedOfInline)
        {
            _warnedOfInline = true;
            report.Warn(node, map.PathOf(key), "a secret stands in a file that group or others may read", $"chmod 600 {Shown.File(report.File)}, or move it to a secret-file", "secret-readable");
        }

        if (!hex && node.Text.Contains('\n', StringComparison.Ordinal))
        {
            report.Warn(node, map.PathOf(key), "the secret holds a line break, which is part of the key", "write the secret in one line if that is not meant");
        }

        return hex ? FromHex(map, key, node.Text) : FromText(map, key, node.Text);
    }

    /// <summary>RFC 5649; R-124.</summary>
    private Secret? FromWrapped(ConfigMap map, string key, string digits)
    {
        byte[] wrapped = new byte[digits.Length / 2];
        if (digits.Length % 2 != 0 || Convert.FromHexString(digits, wrapped, out _, out _) != OperationStatus.Done)
        {
            map.Error(key, "a wrapped secret is an even number of hex digits", "'tcpao keys wrap' makes it");
            return null;
        }

        if (!kek.TryGet(out KeyEncryptionKey? encryption, out string? reason))
        {
            map.Error(key, $"the secret is wrapped, and {reason}");
            return null;
        }

        Secret? secret = encryption.Unwrap(wrapped);
        if (secret is null)
        {
            map.Error(key, "the secret does not unwrap: it was wrapped under another key-encryption key, or changed since", "'tcpao keys rewrap' changes the key-encryption key");
        }

        return secret;
    }

    private static Secret? FromEnvironment(ConfigMap map, string key, string name)
    {
        // a name that is none may be the secret itself, written under the wrong key
        bool isName = name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_') && !char.IsAsciiDigit(name[0]);
        string shown = isName ? $"the environment variable {name}" : "the environment variable that is named here";
        string? value = null;
        if (name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal))
        {
            value = Environment.GetEnvironmentVariable(name);
        }

        if (value is null)
        {
            map.Error(key, $"{shown} is not set", "secret-env takes the name of a variable; the variable holds the secret");
            return null;
        }

        return FromText(map, key, value);
    }

    private Secret? FromFile(ConfigMap map, string key, ConfigNode node, bool hex)
    {
        string path = Path.Combine(directory, node.Text);
        if (pendingFiles?.GetValueOrDefault(path) is { } pending)
        {
            return hex ? FromHexBytes(map, key, pending) : FromBytes(map, key, WithoutLineEnd(pending));
        }

        if (!BoundedFile.TryRead(path, LongestFile, out byte[]? bytes, out bool fileIsOpen, out string? reason))
        {
            map.Error(key, $"cannot read '{Shown.File(path)}': {reason}", FileHint(reason, node.Text));
            return null;
        }

        try
        {
            if (fileIsOpen)
            {
                report.Warn(node, map.PathOf(key), $"group or others may read '{Shown.File(path)}'", $"chmod 600 {Shown.File(path)}", "secret-readable");
            }

            return hex ? FromHexBytes(map, key, bytes) : FromBytes(map, key, WithoutLineEnd(bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static string? FileHint(string reason, string name) => reason switch
    {
        "permission denied" => "the user that runs tcpao must be able to read it",
        "no such file" or "no such folder" when !Path.IsPathRooted(name) => "relative names start from the folder of the configuration file",
        _ when reason.StartsWith("it has more", StringComparison.Ordinal) => $"a key has at most {Secret.MaxLength} bytes",
        _ => null,
    };

    // less one final LF or CRLF: editors add it, and the peer does not have it (docs/reference/configuration.md)
    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\r\n"u8))
        {
            return bytes[..^2];
        }

        return bytes.EndsWith("\n"u8) ? bytes[..^1] : bytes;
    }

    private static Secret? FromText(ConfigMap map, string key, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            return FromBytes(map, key, bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static Secret? FromBytes(ConfigMap map, string key, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            map.Error(key, "the secret is empty");
            return null;
        }

        if (bytes.Length > Secret.MaxLength)
        {
            map.Error(key, $"the secret has {bytes.Length} bytes; a key has at most {Secret.MaxLength}");
            return null;
        }

        return Secret.FromBytes(bytes);
    }

    private static Secret? FromHexBytes(ConfigMap map, string key, byte[] bytes)
    {
        char[] digits = new char[bytes.Length];
        try
        {
            // one char a byte: whatever is not ASCII is no digit either
            Encoding.Latin1.GetChars(bytes, digits);
            return FromHex(map, key, digits.AsSpan().Trim());
        }
        finally
        {
            Array.Clear(digits);
        }
    }

    private static Secret? FromHex(ConfigMap map, string key, ReadOnlySpan<char> digits)
    {
        if (digits.ContainsAnyExcept(s_hexDigits))
        {
            map.Error(key, "the secret may hold only hex digits, 0-9 and a-f", digits.StartsWith("0x") ? "leave the 0x out" : null);
        }
        else if (digits.Length % 2 != 0)
        {
            map.Error(key, $"the secret has {digits.Length} hex digits; two make a byte, so their number is even");
        }
        else if (digits.IsEmpty)
        {
            map.Error(key, "the secret is empty");
        }
        else if (digits.Length / 2 > Secret.MaxLength)
        {
            map.Error(key, $"the secret has {digits.Length / 2} bytes; a key has at most {Secret.MaxLength}");
        }
        else
        {
            return Secret.FromHex(digits);
        }

        return null;
    }
}
