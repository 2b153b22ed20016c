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
#pragma warning restore RS0030, SYSLIB1054
}
