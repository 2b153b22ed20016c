namespace TcpAo.Fuzz;

/// <summary>The files under <c>fuzz/corpus</c>.</summary>
internal static class Corpus
{
    /// <summary>The folder <c>fuzz/corpus</c> of the repository around the current or the program's directory; null where there is none.</summary>
    public static string? FindRoot()
    {
        foreach (string start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
        {
            for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
            {
                string candidate = Path.Combine(directory.FullName, "fuzz", "corpus");
                if (Directory.Exists(candidate))
                {
                    return candidate;
                }
            }
        }

        return null;
    }

    /// <summary>A target's files, in the order of their names.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Read(string? root, string target)
    {
        string directory = Path.Combine(root ?? "", target);
        return root is null || !Directory.Exists(directory)
            ? []
            : Directory.EnumerateFiles(directory)
                .Order(StringComparer.Ordinal)
                .Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)));
    }
}
