using Xunit;

namespace TcpAo.Tests.Support;

/// <summary>
/// Compares a text with a committed file. <c>TCPAO_UPDATE_GOLDEN=1</c> writes the file instead; the change is then a diff to be
/// reviewed.
/// </summary>
internal static class Golden
{
    public static bool IsUpdating => Environment.GetEnvironmentVariable("TCPAO_UPDATE_GOLDEN") is "1";

    /// <param name="actual">What came.</param>
    /// <param name="path">The committed file, from the repository's root.</param>
    public static void Match(string actual, string path)
    {
        actual = actual.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        string file = Repository.PathOf(path);
        if (IsUpdating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        Assert.True(File.Exists(file), $"There is no {path}; TCPAO_UPDATE_GOLDEN=1 makes it.");
        if (Difference(File.ReadAllText(file), actual) is { } difference)
        {
            Assert.Fail($"{path} is not what it should be; TCPAO_UPDATE_GOLDEN=1 writes it anew.\n{difference}");
        }
    }

    /// <summary>The first line in which two texts differ, for a message; null where they are the same.</summary>
    public static string? Difference(string committed, string actual)
    {
        if (string.Equals(committed, actual, StringComparison.Ordinal))
        {
            return null;
        }

        string[] before = committed.Split('\n');
        string[] now = actual.Split('\n');
        int line = before.Zip(now).TakeWhile(pair => string.Equals(pair.First, pair.Second, StringComparison.Ordinal)).Count();
        return $"Line {line + 1}\n- {before.ElementAtOrDefault(line) ?? "(end)"}\n+ {now.ElementAtOrDefault(line) ?? "(end)"}";
    }
}
