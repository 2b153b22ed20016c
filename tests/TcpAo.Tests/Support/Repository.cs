using Xunit;

namespace TcpAo.Tests.Support;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    private static readonly HashSet<string> s_skipped = new(StringComparer.Ordinal) { ".git", ".vs", ".idea", "artifacts", "bin", "obj" };

    /// <summary>The folder of <c>TcpAo.slnx</c>, found upwards from where the tests run.</summary>
    public static string Root { get; } = Find();

    /// <summary>The absolute path of a file or folder; its separators are slashes.</summary>
    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>All files below a folder that is there, as paths from the root with slashes, in ordinal order. Nothing that a build makes.</summary>
    /// <param name="folder">From the root; empty for all.</param>
    /// <param name="extension">With its dot; empty for all.</param>
    public static IReadOnlyList<string> Files(string folder, string extension = "")
    {
        List<string> found = [];
        if (Directory.Exists(PathOf(folder)))
        {
            Collect(new DirectoryInfo(PathOf(folder)), extension, found);
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static void Collect(DirectoryInfo folder, string extension, List<string> found)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null)
            {
                continue;
            }

            if (entry is DirectoryInfo inner)
            {
                if (!s_skipped.Contains(inner.Name))
                {
                    Collect(inner, extension, found);
                }
            }
            else if (entry.Name.EndsWith(extension, StringComparison.Ordinal) && entry.Name is not ".git")
            {
                found.Add(Path.GetRelativePath(Root, entry.FullName).Replace('\\', '/'));
            }
        }
    }

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TcpAo.slnx")))
        {
            folder = folder.Parent;
        }

        Assert.True(folder is not null, $"There is no TcpAo.slnx above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
