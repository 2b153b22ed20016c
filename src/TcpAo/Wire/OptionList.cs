// RFC 9293 section 3.2: a list of TCP options under edit, in scratch space. What is given up for TCP-AO is.
namespace TcpAo.Wire;

/// <summary>The options of one segment, copied out so that an edit that fails leaves the packet untouched.</summary>
internal ref struct OptionList
{
    /// <summary>What a TCP header holds beyond its 20 fixed bytes (RFC 9293 section 3.1).</summary>
    public const int Capacity = 40;

    private const byte Nop = (byte)TcpOptionKind.NoOperation;
    private const int SackBlockLength = 8;

    private readonly Span<byte> _scratch;

    /// <param name="scratch">At least <see cref="Capacity"/> bytes.</param>
    /// <param name="options">A well-formed list: that of a parsed packet.</param>
    public OptionList(Span<byte> scratch, ReadOnlySpan<byte> options)
    {
        _scratch = scratch;
        Length = options.Length;
        options.CopyTo(scratch);
    }

    /// <summary>Bytes in the list.</summary>
    public int Length { get; private set; }

    /// <summary>The list.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _scratch[..Length];

    /// <summary>Finds the first option of a kind.</summary>
    public static bool TryFind(ReadOnlySpan<byte> options, TcpOptionKind kind, out int offset, out int length)
    {
        foreach (TcpOption option in new TcpOptionEnumerator(options))
        {
            if (option.Kind == kind)
            {
                offset = option.Offset;
                length = option.Bytes.Length;
                return true;
            }
        }

        offset = 0;
        length = 0;
        return false;
    }

    /// <summary>Whether <paramref name="count"/> bytes more fit.</summary>
    public readonly bool HasRoom(int count) => Length + count <= Capacity;

    /// <summary>
    /// Gives up the last SACK block: the first is the most recent one, and the one of a D-SACK (RFC 2883). With
    /// its only block the option goes.
    /// </summary>
    /// <returns>False where there is none.</returns>
    public bool GiveUpSackBlock()
    {
        int offset = -1;
        int length = 0;
        foreach (TcpOption option in new TcpOptionEnumerator(Bytes))
        {
            if (option.Kind == TcpOptionKind.Sack)
            {
                offset = option.Offset;
                length = option.Bytes.Length;
            }
        }

        if (offset < 0)
        {
            return false;
        }

        bool hasSeveral = length >= 2 + (2 * SackBlockLength) && (length - 2) % SackBlockLength == 0;
        if (hasSeveral)
        {
            _scratch[offset + 1] -= SackBlockLength;
            Cut(offset + length - SackBlockLength, SackBlockLength);
        }
        else
        {
            RemoveAt(offset, length);
        }

        return true;
    }

    /// <summary>
    /// Takes an option out with the NOPs beside it that make it a multiple of four: what follows keeps its alignment.
    /// Where there are none, the list is padded with NOPs at its end; an end-of-list option then is of no more use.
    /// </summary>
    public void RemoveAt(int offset, int length)
    {
        int padding = -length & 3;
        int after = 0;
        while (after < padding && offset + length + after < Length && _scratch[offset + length + after] == Nop)
        {
            after++;
        }

        int before = Math.Min(NopsBefore(offset), padding - after);
        if (after + before == padding)
        {
            Cut(offset - before, before + length + after);
            return;
        }

        Cut(offset, length);
        Length = ContentLength();
        Pad();
    }

    /// <summary>Takes out all NOPs and what follows the end of the list; the length may then be any number.</summary>
    public void Squeeze()
    {
        int written = 0;
        foreach (TcpOption option in new TcpOptionEnumerator(Bytes))
        {
            if (option.Kind != TcpOptionKind.NoOperation)
            {
                // Moves to the front only, so what is still to be read stays as it is.
                option.Bytes.CopyTo(_scratch[written..]);
                written += option.Bytes.Length;
            }
        }

        Length = written;
    }

    /// <summary>Puts bytes before the list; there must be room.</summary>
    public void Prepend(scoped ReadOnlySpan<byte> bytes)
    {
        _scratch[..Length].CopyTo(_scratch[bytes.Length..]);
        bytes.CopyTo(_scratch);
        Length += bytes.Length;
    }

    /// <summary>NOPs at the end up to a multiple of four.</summary>
    public void Pad()
    {
        int padded = (Length + 3) & ~3;
        _scratch[Length..padded].Fill(Nop);
        Length = padded;
    }

    /// <summary>The run of NOPs that ends at <paramref name="offset"/>; bytes of other options that look like NOPs do not count.</summary>
    private readonly int NopsBefore(int offset)
    {
        int run = 0;
        foreach (TcpOption option in new TcpOptionEnumerator(Bytes))
        {
            if (option.Offset >= offset)
            {
                break;
            }

            run = option.Kind == TcpOptionKind.NoOperation ? run + 1 : 0;
        }

        return run;
    }

    /// <summary>The bytes before an end-of-list option.</summary>
    private readonly int ContentLength()
    {
        int end = 0;
        foreach (TcpOption option in new TcpOptionEnumerator(Bytes))
        {
            end = option.Offset + option.Bytes.Length;
        }

        return end;
    }

    private void Cut(int offset, int count)
    {
        _scratch[(offset + count)..Length].CopyTo(_scratch[offset..]);
        Length -= count;
    }
}
