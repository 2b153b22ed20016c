using System.Buffers.Binary;
using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Linux.Crypto;
using Xunit;

namespace TcpAo.Linux.Tests.Crypto;

/// <summary>libcrypto's compression functions, against the class library's hashes.</summary>
public sealed class LibCryptoTests
{
    private const int BlockLength = 64;
    private const int MaxBlocks = 40;

    private static readonly uint[] s_sha1 = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
    private static readonly uint[] s_sha256 = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    private delegate void Compression(Span<uint> state, ReadOnlySpan<byte> blocks);

    [Fact]
    [Trait("Requirement", "R-103")]
    public void Compress_MessagesOfManyBlocks_EqualsTheBcl()
    {
        LibCrypto functions = Existing();
        Check(functions.CompressSha1, s_sha1, SHA1.HashData);
        Check(functions.CompressSha256, s_sha256, SHA256.HashData);
    }

    [Fact]
    public void Current_FunctionsThatComputeSomethingElse_AreRefused()
    {
        BlockFunctions? before = BlockFunctions.Current;
        Assert.Throws<ArgumentException>(() => BlockFunctions.Current = new Wrong());
        Assert.Same(before, BlockFunctions.Current);
    }

    private static LibCrypto Existing()
    {
        LibCrypto? functions = LibCrypto.TryCreate();
        Assert.SkipUnless(functions is not null, "there is no libcrypto.so.3");
        return functions!;
    }

    private static void Check(Compression compress, uint[] initial, Func<byte[], byte[]> hash)
    {
        var random = new Random(59);
        for (int blocks = 1; blocks <= MaxBlocks; blocks++)
        {
            byte[] padded = new byte[blocks * BlockLength];
            int length = padded.Length - 9 - random.Next(BlockLength - 9);
            random.NextBytes(padded.AsSpan(0, length));
            byte[] expected = hash(padded[..length]);
            padded[length] = 0x80;
            BinaryPrimitives.WriteUInt64BigEndian(padded.AsSpan(padded.Length - 8), (ulong)length * 8);

            // at once, and in two pieces
            uint[] state = [.. initial];
            compress(state, padded);
            Assert.Equal(expected, Digest(state));
            state = [.. initial];
            int cut = random.Next(blocks) * BlockLength;
            compress(state, padded.AsSpan(0, cut));
            compress(state, padded.AsSpan(cut));
            Assert.Equal(expected, Digest(state));
        }
    }

    private static byte[] Digest(uint[] state)
    {
        byte[] digest = new byte[state.Length * sizeof(uint)];
        for (int i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * sizeof(uint)), state[i]);
        }

        return digest;
    }

    private sealed class Wrong : BlockFunctions
    {
        public override string Name => "wrong";

        public override void CompressSha1(Span<uint> state, ReadOnlySpan<byte> blocks)
        {
        }

        public override void CompressSha256(Span<uint> state, ReadOnlySpan<byte> blocks)
        {
        }
    }
}
