namespace TcpAo.Linux.Netfilter;

/// <summary>The packets of one receive call, to be walked over with foreach.</summary>
public ref struct NfQueueBatch
{
    private readonly NfQueue? _queue;
    private readonly int _count;
    private int _index;

    internal NfQueueBatch(NfQueue queue, int count)
    {
        _queue = queue;
        _count = count;
        _index = -1;
    }

    /// <summary>The packet that the walk is at.</summary>
    public readonly NfQueuePacket Current => _queue!.PacketAt(_index);

    /// <summary>How many packets there are at most; messages that are no packets are passed over.</summary>
    public readonly int Count => _count;

    /// <summary>All buffers of the queue as one: its packets begin at their <see cref="NfQueuePacket.Offset"/>.</summary>
    public readonly Span<byte> Buffer => _queue!.Buffer;

    /// <summary>The walk itself.</summary>
    public readonly NfQueueBatch GetEnumerator() => this;

    /// <summary>Goes on to the next packet.</summary>
    public bool MoveNext()
    {
        while (++_index < _count)
        {
            if (_queue!.IsPacket(_index))
            {
                return true;
            }
        }

        return false;
    }
}
