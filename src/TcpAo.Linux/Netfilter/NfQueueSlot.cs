namespace TcpAo.Linux.Netfilter;

/// <summary>A received packet: where it is in the buffers and what was decided.</summary>
internal struct NfQueueSlot
{
    /// <summary>The message is a packet; else it is left out.</summary>
    public bool IsPacket;

    /// <summary>In the order of the queue, host byte order.</summary>
    public uint Id;

    /// <summary>Start of the payload, counted from the start of all buffers.</summary>
    public int PayloadOffset;

    public int PayloadLength;

    /// <summary>Length of the packet in the kernel; more than <see cref="PayloadLength"/> when it was cut.</summary>
    public int OriginalLength;

    public ushort Protocol;
    public byte Hook;
    public NfQueueVerdict Verdict;
    public uint Mark;
    public bool HasNewMark;
    public uint SkbInfo;
    public int InInterface;
    public int OutInterface;
}
