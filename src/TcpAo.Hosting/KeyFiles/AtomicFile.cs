using System.Security.Cryptography;
using TcpAo.Linux;
using TcpAo.Linux.Users;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>Files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a file that only its owner may read; one that is there already is left alone.</summary>
    /// <exception cref="KeyFileException">It is there already, or cannot be made.</exception>
    internal static void Create(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            using FileStream stream = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0 });
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(KeyFileFailure.CannotWrite, File.Exists(path) ? $"{path} is there already; name another file" : $"{path} cannot be made: {error.Message}", error);
        }
    }

    /// <summary>Puts other content into the place of a file; mode and owner stay. What was read before has to be there still.</summary>
    /// <param name="path">The file; a symbolic link stays, and what it names is replaced.</param>
    /// <param name="before">What the file held when it was read.</param>
    /// <param name="after">What it holds afterwards.</param>
    /// <exception cref="KeyFileException">It cannot be done, or somebody else changed the file meanwhile. Nothing has changed then.</exception>
    internal static void Replace(string path, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        string real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        string temporary = Path.Combine(Path.GetDirectoryName(real)!, $".{Path.GetFileName(real)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.tmp");
        try
        {
            // against another tcpao that edits the same file
            using FileStream held = new(real, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.None, BufferSize = 0 });
            FileOwner owner = UserAccess.OwnerOf(real);
            if (owner.Names > 1)
            {
                throw new KeyFileException(KeyFileFailure.CannotWrite, $"{real} has {owner.Names} names (hard links); replacing it would leave the others behind");
            }

            if (!HoldsStill(held, before))
            {
                throw new KeyFileException(KeyFileFailure.CannotWrite, $"{path} was changed by somebody else meanwhile; look at it and run the command again");
            }

            Create(temporary, after);
            if (UserAccess.OwnerOf(temporary) is { } made && (made.User != owner.User || made.Group != owner.Group))
            {
                UserAccess.ChangeOwner(temporary, owner);
            }

            File.SetUnixFileMode(temporary, File.GetUnixFileMode(held.SafeFileHandle));
            File.Move(temporary, real, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or LinuxException)
        {
            throw new KeyFileException(KeyFileFailure.CannotWrite, $"{path} cannot be changed: {error.Message}", error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static bool HoldsStill(FileStream file, ReadOnlySpan<byte> before)
    {
        if (file.Length != before.Length)
        {
            return false;
        }

        byte[] now = new byte[before.Length];
        try
        {
            file.ReadExactly(now);
            return before.SequenceEqual(now);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(now);
        }
    }
}
