using System.Globalization;

namespace TcpAo.Linux.Diagnostics;

/// <summary>Which processes hold sockets, as far as /proc shows their descriptors to this one.</summary>
public static class SocketHolders
{
    private const string Prefix = "socket:[";

    /// <summary>Finds the processes that hold sockets.</summary>
    /// <param name="inodes">Inodes of the sockets (<see cref="TcpSocket.Inode"/>).</param>
    /// <returns>The numbers of the processes, rising. One whose descriptors only root sees is missing where this process is not root's.</returns>
    public static IReadOnlyList<int> Find(IReadOnlySet<uint> inodes)
    {
        ArgumentNullException.ThrowIfNull(inodes);
        SortedSet<int> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int process) && Holds(folder, inodes))
            {
                found.Add(process);
            }
        }

        return [.. found];
    }

    private static bool Holds(string folder, IReadOnlySet<uint> inodes)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(folder, "fd")).Any(path => File.ResolveLinkTarget(path, returnFinalTarget: false) is { Name: var name }
                && name.StartsWith(Prefix, StringComparison.Ordinal) && uint.TryParse(name.AsSpan(Prefix.Length).TrimEnd(']'), CultureInfo.InvariantCulture, out uint inode) && inodes.Contains(inode));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // it has ended, or is another user's
            return false;
        }
    }
}
