namespace TcpAo.Crypto;

/// <summary>
/// Compression functions of hashes from outside the engine, which uses the CPU's SHA instructions where .NET has none for them. Without any the engine
/// computes in C#.
/// </summary>
/// <remarks>An implementation is trusted with key material: it keeps nothing of what it saw. It is called from several threads.</remarks>
public abstract class BlockFunctions
{
    private static BlockFunctions? s_current;

    /// <summary>What the engine uses; null for its own.</summary>
    /// <exception cref="ArgumentException">The functions do not compute what FIPS 180-4 says.</exception>
    public static BlockFunctions? Current
    {
        get => s_current;
        set
        {
            if (value?.IsRight() == false)
            {
                throw new ArgumentException("The functions do not compute SHA-1 and SHA-256.", nameof(value));
            }

            s_current = value;
        }
    }

    /// <summary>What it is called in outputs, such as <c>libcrypto</c>.</summary>
    public abstract string Name { get; }

    /// <summary>SHA-1's compression function over whole blocks. Source: FIPS 180-4 section 6.1.2.</summary>
    /// <param name="state">Five words or more, of which five change.</param>
    /// <param name="blocks">A multiple of 64 bytes.</param>
    public abstract void CompressSha1(Span<uint> state, ReadOnlySpan<byte> blocks);

    /// <summary>SHA-256's compression function over whole blocks. Source: FIPS 180-4 section 6.2.2.</summary>
    /// <param name="state">Eight words, or more, of which eight change.</param>
    /// <param name="blocks">A multiple of 64 bytes.</param>
    public abstract void CompressSha256(Span<uint> state, ReadOnlySpan<byte> blocks);

    private bool IsRight()
    {
        Span<byte> blocks = stackalloc byte[3 * IBlockHash.BlockLength];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = (byte)(i * 7);
        }

        Span<uint> ours = stackalloc uint[IBlockHash.LongestState];
        Span<uint> theirs = stackalloc uint[IBlockHash.LongestState];
        Sha1.InitialState.CopyTo(ours);
        Sha1.InitialState.CopyTo(theirs);
        Sha1.CompressManaged(ours, blocks);
        CompressSha1(theirs, blocks);
        bool isRight = ours.SequenceEqual(theirs);
        Sha256.InitialState.CopyTo(ours);
        Sha256.InitialState.CopyTo(theirs);
        Sha256.CompressManaged(ours, blocks);
        CompressSha256(theirs, blocks);
        return isRight && ours.SequenceEqual(theirs);
    }
}
