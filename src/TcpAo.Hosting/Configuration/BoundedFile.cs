using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TcpAo.Hosting.Configuration;

/// <summary>Reads small files whole and says in words why one cannot be read. Pipes will do, so that <c>&lt;(…)</c> works.</summary>
internal static class BoundedFile
{
    /// <summary>Reads a file of at most <paramref name="limit"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most bytes that are of use.</param>
    /// <param name="bytes">The content; the caller erases it.</param>
    /// <param name="openToOthers">Whether group or others may read the file.</param>
    /// <param name="reason">Why it cannot be read, such as "no such file".</param>
    internal static bool TryRead(string path, int limit, [NotNullWhen(true)] out byte[]? bytes, out bool openToOthers, [NotNullWhen(false)] out string? reason)
    {
        bytes = null;
        openToOthers = false;
        reason = null;
        try
        {
            if (Directory.Exists(path))
            {
                reason = "it is a directory";
                return false;
            }

            // no sharing mode: the lock that it takes would be visible to others
            using FileStream stream = new(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            if (!OperatingSystem.IsWindows())
            {
                openToOthers = (File.GetUnixFileMode(stream.SafeFileHandle) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != UnixFileMode.None;
            }

            bytes = ReadAll(stream, limit);
            reason = bytes is null ? $"it has more than {limit} bytes" : null;
            return bytes is not null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            reason = exception switch
            {
                FileNotFoundException => "no such file",
                DirectoryNotFoundException => "no such folder",
                UnauthorizedAccessException => "permission denied",
                PathTooLongException => "the name is too long",
                ArgumentException or NotSupportedException => "that is not the name of a file",
                _ => "input/output error",
            };
            return false;
        }
    }

    private static byte[]? ReadAll(FileStream stream, int limit)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int read = stream.Read(buffer, length, buffer.Length - length);
            length += read;
            if (read == 0 || length > limit)
            {
                break;
            }

            if (length == buffer.Length)
            {
                byte[] larger = new byte[buffer.Length * 2];
                buffer.CopyTo(larger, 0);
                CryptographicOperations.ZeroMemory(buffer);
                buffer = larger;
            }
        }

        byte[]? content = length > limit ? null : buffer[..length];
        CryptographicOperations.ZeroMemory(buffer);
        return content;
    }
}
