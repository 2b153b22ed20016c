using System.Text;

namespace TcpAo.Hosting.Configuration;

/// <summary>Makes text from a configuration fit for a message: one line, bounded, no control characters. Never given a secret.</summary>
internal static class Shown
{
    private const int Longest = 60;

    /// <summary>The text in quotes.</summary>
    internal static string Quoted(string text) => $"'{Bare(text)}'";

    /// <summary>A sentence of the engine's as part of ours: without its full stop, its control characters made harmless.</summary>
    internal static string Reason(string sentence) => Bare(sentence.TrimEnd('.'), int.MaxValue);

    /// <summary>The name of a file, which is of use only whole.</summary>
    internal static string File(string path) => Bare(path, int.MaxValue);

    /// <summary>The text without quotes.</summary>
    internal static string Bare(string text, int longest = Longest)
    {
        StringBuilder shown = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= longest)
            {
                return shown.Append('…').ToString();
            }

            shown.Append(Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) ? "\uFFFD" : rune.ToString());
        }

        return shown.ToString();
    }

    /// <summary>
    /// A mapping key in quotes, up to the first character that no key has: <c>secret:abc</c> and <c>secret=abc</c> are
    /// slips of the pen in which the rest is the secret.
    /// </summary>
    internal static string Key(string key)
    {
        int end = 0;
        while (end < key.Length && end < Longest && (char.IsAsciiLetterOrDigit(key[end]) || key[end] is '-' or '_' or '.'))
        {
            end++;
        }

        return end == key.Length ? $"'{key}'" : $"'{key[..end]}…'";
    }
}
