using Xunit;

namespace TcpAo.Hosting.Tests.Support;

/// <summary>
/// Compares a text with an approved file under <c>Golden/</c>. <c>TCPAO_UPDATE_GOLDEN=1</c> writes what came; the change is then
/// a diff to be reviewed.
/// </summary>
internal static class Golden
{
    internal static void Match(string text, string name)
    {
        string path = Path.Combine(Folder(), $"{name}.approved.txt");
        string actual = text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("TCPAO_UPDATE_GOLDEN") is "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"There is no {path}; TCPAO_UPDATE_GOLDEN=1 makes it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TcpAo.slnx")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "tests", "TcpAo.Hosting.Tests", "Golden");
    }
}
