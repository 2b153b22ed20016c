using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>A secret that the operator hands over: never on the command line, where others see it.</summary>
public static class SecretInput
{
    private const int LongestFile = 1024;

    /// <summary>Reads a file: its bytes less one final LF or CRLF are the secret.</summary>
    /// <exception cref="KeyFileException">It cannot be read, or holds no key.</exception>
    public static Secret FromFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return BoundedFile.TryRead(path, LongestFile, out byte[]? bytes, out _, out string? reason)
            ? Take(bytes, $"'{Shown.File(path)}'")
            : throw new KeyFileException(KeyFileFailure.NotFound, $"cannot read '{Shown.File(path)}': {reason}");
    }

    /// <summary>Reads a stream to its end, likewise.</summary>
    /// <exception cref="KeyFileException">It holds no key.</exception>
    public static Secret FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] buffer = new byte[LongestFile];
        int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        byte[] bytes = buffer[..length];
        CryptographicOperations.ZeroMemory(buffer);
        return Take(bytes, "standard input");
    }

    private static Secret Take(byte[] bytes, string where)
    {
        try
        {
            ReadOnlySpan<byte> key = bytes;
            key = key.EndsWith("\r\n"u8) ? key[..^2] : key.EndsWith("\n"u8) ? key[..^1] : key;
            return key.Length is > 0 and <= Secret.MaxLength
                ? Secret.FromBytes(key)
                : throw new KeyFileException(KeyFileFailure.NotFound, $"a key has 1 to {Secret.MaxLength} bytes; {where} has {key.Length}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
