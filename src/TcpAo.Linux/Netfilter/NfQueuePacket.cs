namespace TcpAo.Linux.Netfilter;

/// <summary>
/// A packet that waits for a verdict. It is a view into its queue's buffers and holds until the batch is completed or the
/// next one is received.
/// </summary>
public readonly ref struct NfQueuePacket
{
    private readonly ref NfQueueSlot _slot;

    internal NfQueuePacket(ref NfQueueSlot slot, Span<byte> buffer)
    {
        _slot = ref slot;
        Buffer = buffer;
    }

    /// <summary>Number of the packet in its queue.</summary>
    public uint Id => _slot.Id;

    /// <summary>Netfilter hook: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting.</summary>
    public byte Hook => _slot.Hook;

    /// <summary>Whether the packet leaves (output or postrouting) rather than arrives.</summary>
    public bool IsOutbound => _slot.Hook is 3 or 4;

    /// <summary>EtherType: 0x0800 IPv4, 0x86DD IPv6.</summary>
    public ushort Protocol => _slot.Protocol;

    /// <summary>Index of the interface that it came by, 0 for none.</summary>
    public int InInterface => _slot.InInterface;

    /// <summary>Index of the interface that it leaves by, 0 for none.</summary>
    public int OutInterface => _slot.OutInterface;

    /// <summary>Firewall mark.</summary>
    public uint Mark => _slot.Mark;

    /// <summary>Whether the TCP checksum is left to offload and wrong as it stands (NFQA_SKB_CSUMNOTREADY). Never so without the GSO flag: the kernel computes it first.</summary>
    public bool IsChecksumPartial => (_slot.SkbInfo & NfQueueUapi.NFQA_SKB_CSUMNOTREADY) != 0;

    /// <summary>Whether the kernel kept a part back: more than 65 531 bytes. Such a packet must not be changed.</summary>
    public bool IsTruncated => _slot.OriginalLength > _slot.PayloadLength;

    /// <summary>The packet from its IP header on.</summary>
    public Span<byte> Payload => Buffer[.._slot.PayloadLength];

    /// <summary>Where the packet begins in <see cref="NfQueueBatch.Buffer"/>.</summary>
    public int Offset => _slot.PayloadOffset;

    /// <summary>The packet and the room behind it that it can grow into, up to <see cref="NfQueue.MaxPayload"/> in all.</summary>
    public Span<byte> Buffer { get; }

    /// <summary>Lets it go on as it came.</summary>
    public void Accept() => _slot.Verdict = NfQueueVerdict.Accept;

    /// <summary>Lets it go on with the first <paramref name="length"/> bytes of <see cref="Buffer"/> in its place; all checksums must be final.</summary>
    /// <exception cref="InvalidOperationException">The packet is truncated.</exception>
    public void AcceptChanged(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Buffer.Length);
        if (IsTruncated)
        {
            throw new InvalidOperationException("The kernel kept a part of the packet back; it can be accepted or dropped only.");
        }

        _slot.PayloadLength = length;
        _slot.OriginalLength = length;
        _slot.Verdict = NfQueueVerdict.AcceptChanged;
    }

    /// <summary>Ends it here. What a packet gets without a verdict, too.</summary>
    public void Drop() => _slot.Verdict = NfQueueVerdict.Drop;

    /// <summary>Sets the firewall mark that it goes on with.</summary>
    public void SetMark(uint mark)
    {
        _slot.Mark = mark;
        _slot.HasNewMark = true;
    }
}
