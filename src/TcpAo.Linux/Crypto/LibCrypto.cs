// openssl/sha.h of OpenSSL 3: SHA_CTX and SHA256_CTX are public structures, and an update of whole blocks on an empty buffer is the compression function
// alone. DllImport rather than function pointers: measured faster, since only then the JIT clears the upper halves of vector registers.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TcpAo.Crypto;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Crypto;

/// <summary>SHA-1 and SHA-256 by libcrypto, which uses the CPU's instructions for them. Source: FIPS 180-4, docs/adr/0014.</summary>
public sealed unsafe class LibCrypto : BlockFunctions
{
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
            ? new LibCrypto()
            : null;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void CompressSha1(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        // h[5], Nl, Nh, data[16], num
        const int Buffered = 23;
        uint* context = stackalloc uint[Buffered + 1];
        var words = new Span<uint>(context, Sha1Words);
        state[..Sha1Words].CopyTo(words);
        context[Sha1Words] = 0;
        context[Sha1Words + 1] = 0;
        context[Buffered] = 0;
        fixed (byte* data = blocks)
        {
            _ = Libcrypto.SHA1_Update(context, data, (nuint)blocks.Length);
        }

        words.CopyTo(state);
        words.Clear();
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void CompressSha256(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        // h[8], Nl, Nh, data[16], num, md_len
        const int Buffered = 26;
        uint* context = stackalloc uint[Buffered + 2];
        var words = new Span<uint>(context, Sha256Words);
        state[..Sha256Words].CopyTo(words);
        context[Sha256Words] = 0;
        context[Sha256Words + 1] = 0;
        context[Buffered] = 0;
        context[Buffered + 1] = Sha256Words * sizeof(uint);
        fixed (byte* data = blocks)
        {
            _ = Libcrypto.SHA256_Update(context, data, (nuint)blocks.Length);
        }

        words.CopyTo(state);
        words.Clear();
    }
}
