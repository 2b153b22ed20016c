// RFC 9293 sections 3.1 and 3.2: walking a list of TCP options. Stops at an end-of-list option and at anything malformed.
namespace TcpAo.Wire;

/// <summary>
/// Walks a list of TCP options (RFC 9293 section 3.2), NOPs included; the end-of-list option ends the walk and is not
/// shown. Works on any bytes: where the list is malformed it stops, and <see cref="IsMalformed"/> says so.
/// </summary>
public ref struct TcpOptionEnumerator
{
    private readonly ReadOnlySpan<byte> _options;
    private int _offset;
    private int _length;

    /// <summary>Begins before the first option.</summary>
    /// <param name="options">The option bytes, such as <see cref="TcpPacket.Options"/>.</param>
    public TcpOptionEnumerator(ReadOnlySpan<byte> options)
    {
        _options = options;
    }

    /// <summary>The option at hand; empty before the first and after the last.</summary>
    public readonly TcpOption Current => new(_offset, _options.Slice(_offset, _length));

    /// <summary>Whether the walk ended at an option with a length below 2 or beyond the list .</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>This walk itself, for <c>foreach</c>.</summary>
    public readonly TcpOptionEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next option; false at the end of the list or where it is malformed .</summary>
    public bool MoveNext()
    {
        _offset += _length;
        _length = 0;
        if (IsMalformed || _offset >= _options.Length || _options[_offset] == (byte)TcpOptionKind.EndOfList)
        {
            return false;
        }

        if (_options[_offset] == (byte)TcpOptionKind.NoOperation)
        {
            _length = 1;
            return true;
        }

        if (_offset + 1 >= _options.Length || _options[_offset + 1] < 2 || _offset + _options[_offset + 1] > _options.Length)
        {
            IsMalformed = true;
            return false;
        }

        _length = _options[_offset + 1];
        return true;
    }
}
