using System.Collections.Immutable;
using System.Text;
using TcpAo.Crypto;

namespace TcpAo.KeyChains;

/// <summary>
/// Whether a secret could be guessed, as far as one can tell by looking at it. Sources: RFC 5925 section 5.3 (R-044: 12 bytes and more), RFC 9235 section 9
/// the test vectors' key), R-115 and R-104 (slips when it was written down).
/// </summary>
internal static class SecretStrength
{
    private const int ShortestAdvised = 12;
    private const int FewBytes = 5;
    private const string Generate = "make one with 'tcpao keys generate'";

    // keys of published examples and the words that people type first
    private static readonly ImmutableArray<string> s_known =
    [
        "testvector", "password", "passw0rd", "secret", "cisco", "cisco123", "juniper", "juniper123", "nokia", "arista", "huawei", "admin", "changeme", "hello",
        "default", "tcpao", "tcp-ao", "bgp", "letmein", "qwerty", "123456", "12345678", "abc123", "test", "key", "md5", "s3cr3t", "secret123", "password123",
    ];

    public static IEnumerable<SecretWeakness> WeaknessesOf(Secret secret)
    {
        byte[] bytes = secret.Bytes.ToArray();
        try
        {
            return Find(bytes);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static List<SecretWeakness> Find(byte[] bytes)
    {
        var found = new List<SecretWeakness>();
        if (s_known.Any(word => Is(bytes, word)))
        {
            found.Add(new SecretWeakness("known-secret", KeyFindingSeverity.Error, "the secret is a word of published examples, or one of those that are tried first", Generate));
        }
        else if (bytes.Distinct().Count() < Math.Min(FewBytes, bytes.Length))
        {
            found.Add(new SecretWeakness("weak-secret", KeyFindingSeverity.Warning, $"the secret has only {bytes.Distinct().Count()} different bytes", Generate));
        }
        else if (bytes.Length < ShortestAdvised)
        {
            found.Add(new SecretWeakness("weak-secret", KeyFindingSeverity.Warning, $"the secret has {bytes.Length} bytes; RFC 5925 advises 12 and more, and random ones", Generate));
        }
        else if (bytes.All(static b => b is >= (byte)'a' and <= (byte)'z') || bytes.All(static b => b is >= (byte)'0' and <= (byte)'9'))
        {
            found.Add(new SecretWeakness("weak-secret", KeyFindingSeverity.Warning, "the secret has nothing but small letters, or nothing but digits: it looks like a word or a number rather than a random key", Generate));
        }

        if (bytes[0] is (byte)' ' or (byte)'\t' || bytes[^1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            found.Add(new SecretWeakness("secret-blank", KeyFindingSeverity.Warning, "the secret begins or ends with a blank or a line end, which is part of the key", "remove it, unless the peer has it too"));
        }

        // 32 hex digits and more are more often a key in hex than a text
        const int LikelyHex = 32;
        if (bytes.Length >= LikelyHex && bytes.Length % 2 == 0 && bytes.All(static b => char.IsAsciiHexDigit((char)b)))
        {
            found.Add(new SecretWeakness("secret-in-hex", KeyFindingSeverity.Note, $"the secret is a text of {bytes.Length} hex digits", "if the peer takes them for hex, use secret-hex or secret-hex-file"));
        }

        return found;
    }

    private static bool Is(byte[] bytes, string word) =>
        bytes.Length == word.Length && Ascii.EqualsIgnoreCase(bytes, word);
}
