using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>A secret as text or as hex digits, for those places that have to hold it.</summary>
internal static class SecretText
{
    /// <summary>Whether the secret is printable ASCII without a blank at either end: what routers take as text.</summary>
    internal static bool IsText(Secret secret) => Use(secret, static bytes => bytes[0] != ' ' && bytes[^1] != ' ' && bytes.AsSpan().IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0);

    /// <summary>The secret as text; only where <see cref="IsText"/>.</summary>
    internal static string Text(Secret secret) => Use(secret, Encoding.ASCII.GetString);

    internal static string Hex(Secret secret) => Use(secret, Convert.ToHexStringLower);

    internal static string Base64(Secret secret) => Use(secret, Convert.ToBase64String);

    internal static T Use<T>(Secret secret, Func<byte[], T> use)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        try
        {
            secret.CopyTo(bytes);
            return use(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
