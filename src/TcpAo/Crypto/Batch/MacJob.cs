namespace TcpAo.Crypto.Batch;

/// <summary>
/// One MAC of a batch: a key, and the blocks of a message that is padded already: first those at the begin of the job's slot, then payload where it lies, then
/// those in the second half of the slot. The result goes to the slot's begin.
/// </summary>
/// <param name="Key">Holds the prepared key.</param>
/// <param name="KeyAt">Where in it.</param>
/// <param name="HeadBlocks">Blocks of header and what of the payload completes the last of them; all blocks of a short message.</param>
/// <param name="BodyPlace">Where the payload's blocks begin: see <see cref="LaneBlocks"/>.</param>
/// <param name="BodyBlocks">How many.</param>
/// <param name="TailBlocks">Blocks of the end.</param>
internal readonly record struct MacJob(byte[] Key, int KeyAt, int HeadBlocks, int BodyPlace, int BodyBlocks, int TailBlocks)
{
    /// <summary>Blocks of the message.</summary>
    public int Blocks => HeadBlocks + BodyBlocks + TailBlocks;

    /// <summary>The key's job once the message is a single block.</summary>
    public MacJob OfOneBlock => new(Key, KeyAt, 1, 0, 0, 0);
}
