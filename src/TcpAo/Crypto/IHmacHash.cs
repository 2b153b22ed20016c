namespace TcpAo.Crypto;

/// <summary>A hash function that HMAC is built on.</summary>
internal interface IHmacHash : IBlockHash
{
    /// <summary>
    /// Writes the digest as the block that the outer hash of an HMAC has: padded, 64 bytes having gone before it. Whole vectors, so that the next read of
    /// the block does not wait for several writes.
    /// </summary>
    /// <param name="state">Eight words.</param>
    /// <param name="block">Receives a block; the digest is its beginning.</param>
    static abstract void WriteDigestBlock(ReadOnlySpan<uint> state, Span<byte> block);
}
