namespace TcpAo.Hosting.KeyFiles;

/// <summary>Files that only their owner may read.</summary>
public static class PrivateFile
{
    /// <summary>Makes a file with mode 0600.</summary>
    /// <exception cref="KeyFileException">It is there already, or cannot be made.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Create(path, content);
    }
}
