// openssl/sha.h of OpenSSL 3: SHA_CTX and SHA256_CTX are public structures, and an update of whole blocks on an empty buffer is the compression function
// alone. DllImport rather than function pointers: measured faster, since only then the JIT clears the upper halves of vector registers.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TcpAo.Crypto;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Crypto;

/// <summary>SHA-1 and SHA-256 by libcrypto, which uses the CPU's instructions for them. Source: FIPS 180-4, docs/adr/0014.</summary>
public sealed unsafe class LibCrypto : BlockFunctions
{
    private const int BlockLength = 64;
    private const int Sha1Words = 5;
    private const int Sha256Words = 8;

    private LibCrypto()
    {
    }

    /// <inheritdoc/>
    public override string Name => "libcrypto";

    /// <summary>The library's functions, or null where the machine has no OpenSSL 3 with them.</summary>
    public static LibCrypto? TryCreate() =>
        NativeLibrary.TryLoad(Libcrypto.Library, out nint library)
        && NativeLibrary.TryGetExport(library, nameof(Libcrypto.SHA1_Update), out _)
        && NativeLibrary.TryGetExport(library, nameof(Libcrypto.SHA256_Update), out _)
        && NativeLibrary.TryGetExport(library, nameof(Libcrypto.SHA1_Transform), out _)
        && NativeLibrary.TryGetExport(library, nameof(Libcrypto.SHA256_Transform), out _)
            ? new LibCrypto()
            : null;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void CompressSha1(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        // h[5], Nl, Nh, data[16], num
        const int Buffered = 23;
        uint* context = stackalloc uint[Buffered + 1];
        state = state[..Sha1Words];
        Unsafe.WriteUnaligned(context, Vector128.Create((ReadOnlySpan<uint>)state));
        context[4] = state[4];
        context[Sha1Words] = 0;
        context[Sha1Words + 1] = 0;
        context[Buffered] = 0;
        fixed (byte* data = blocks)
        {
            if (blocks.Length == BlockLength)
            {
                Libcrypto.SHA1_Transform(context, data);
            }
            else
            {
                _ = Libcrypto.SHA1_Update(context, data, (nuint)blocks.Length);
            }
        }

        Unsafe.ReadUnaligned<Vector128<uint>>(context).CopyTo(state);
        state[4] = context[4];
        new Span<uint>(context, Sha1Words).Clear();
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void CompressSha256(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        // h[8], Nl, Nh, data[16], num, md_len
        const int Buffered = 26;
        uint* context = stackalloc uint[Buffered + 2];
        state = state[..Sha256Words];
        Unsafe.WriteUnaligned(context, Vector128.Create((ReadOnlySpan<uint>)state));
        Unsafe.WriteUnaligned(context + 4, Vector128.Create((ReadOnlySpan<uint>)state[4..]));
        context[Sha256Words] = 0;
        context[Sha256Words + 1] = 0;
        context[Buffered] = 0;
        context[Buffered + 1] = Sha256Words * sizeof(uint);
        fixed (byte* data = blocks)
        {
            if (blocks.Length == BlockLength)
            {
                Libcrypto.SHA256_Transform(context, data);
            }
            else
            {
                _ = Libcrypto.SHA256_Update(context, data, (nuint)blocks.Length);
            }
        }

        Unsafe.ReadUnaligned<Vector128<uint>>(context).CopyTo(state);
        Unsafe.ReadUnaligned<Vector128<uint>>(context + 4).CopyTo(state[4..]);
        new Span<uint>(context, Sha256Words).Clear();
    }
}
