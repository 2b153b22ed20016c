namespace TcpAo.Crypto;

/// <summary>
/// A hash function that eats blocks of 64 bytes into a state of 32-bit words: SHA-1, SHA-256 and MD5, which share all but
/// their compression function and the order of bytes.
/// </summary>
internal interface IBlockHash
{
    /// <summary>Bytes of a block.</summary>
    const int BlockLength = 64;

    /// <summary>Words of the longest state.</summary>
    const int LongestState = 8;

    /// <summary>Bytes of the longest digest.</summary>
    const int LongestDigest = 32;

    /// <summary>The state before the first block; the digest is as long.</summary>
    static abstract ReadOnlySpan<uint> InitialState { get; }

    /// <summary>Whether words and the message length stand with the highest byte first.</summary>
    static abstract bool IsBigEndian { get; }

    /// <summary>Eats whole blocks and leaves nothing of them on the stack.</summary>
    /// <param name="state">As many words as <see cref="InitialState"/>, or more.</param>
    /// <param name="blocks">A multiple of <see cref="BlockLength"/> bytes.</param>
    static abstract void Compress(Span<uint> state, ReadOnlySpan<byte> blocks);
}
