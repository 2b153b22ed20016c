// openssl/sha.h of OpenSSL 3.
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe class Libcrypto
{
    public const string Library = "libcrypto.so.3";

#pragma warning disable RS0030, SYSLIB1054 // nothing to marshal and no error number: what LibraryImport would generate is this
    /// <summary>Always 1.</summary>
    [DllImport(Library)]
    public static extern int SHA1_Update(void* context, byte* data, nuint length);

    /// <summary>Always 1.</summary>
    [DllImport(Library)]
    public static extern int SHA256_Update(void* context, byte* data, nuint length);

    /// <summary>The compression function over one block.</summary>
    [DllImport(Library)]
    public static extern void SHA1_Transform(void* context, byte* data);

    /// <summary>The compression function over one block.</summary>
    [DllImport(Library)]
    public static extern void SHA256_Transform(void* context, byte* data);

    /// <summary>An algorithm by name; null where it is missing.</summary>
    [DllImport(Library)]
    public static extern nint EVP_MAC_fetch(nint context, byte* algorithm, byte* properties);

    [DllImport(Library)]
    public static extern void EVP_MAC_free(nint mac);

    [DllImport(Library)]
    public static extern nint EVP_MAC_CTX_new(nint mac);

    [DllImport(Library)]
    public static extern void EVP_MAC_CTX_free(nint context);

    /// <summary>Begins a message; without key and parameters, with those of the last time.</summary>
    [DllImport(Library)]
    public static extern int EVP_MAC_init(nint context, byte* key, nuint keyLength, MacParameter* parameters);

    [DllImport(Library)]
    public static extern int EVP_MAC_update(nint context, byte* data, nuint length);

    [DllImport(Library)]
    public static extern int EVP_MAC_final(nint context, byte* output, nuint* written, nuint size);
#pragma warning restore RS0030, SYSLIB1054
}
