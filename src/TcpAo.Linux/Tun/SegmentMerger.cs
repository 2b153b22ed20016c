// What generic receive offload does (Documentation/networking/segmentation-offloads.rst), for segments that it cannot merge: their MACs differ. Those were
// verified, and leave their option here; what is alike in all else and follows in sequence becomes one packet.
using System.Buffers.Binary;
using TcpAo.Linux.Interop;
using TcpAo.Wire;

namespace TcpAo.Linux.Tun;

/// <summary>Hands verified segments to the kernel's TCP through a <see cref="TunDevice"/>, many as one packet. One thread uses it; nothing is allocated for a segment.</summary>
public sealed class SegmentMerger
{
    private const int Flows = 8;
    private const int IPv6HeaderLength = 40;
    private const int IPv4HeaderLength = 20;
    private const int TcpBaseLength = 20;
    private const int FlagsOffset = 13;
    private const int ChecksumOffset = 16;
    private const byte ProtocolTcp = 6;
    private const int MaxOptions = 40;

    // what padding may come to
    private const int OptionRoom = 3 * MaxOptions;

    // the longest packet that an IPv4 header can tell of
    private const int MaxPacket = ushort.MaxValue;

    private readonly TunDevice _device;
    private readonly Flow[] _flows;
    private int _nextVictim;

    /// <summary>Creates one.</summary>
    /// <param name="device">Where the packets go.</param>
    public SegmentMerger(TunDevice device)
    {
        _device = device;
        _flows = new Flow[Flows];
        for (int i = 0; i < Flows; i++)
        {
            _flows[i] = new Flow();
        }
    }

    /// <summary>Packets that the kernel did not take.</summary>
    public long Lost { get; private set; }

    /// <summary>Takes a segment that its MAC has shown to be whole.</summary>
    /// <param name="segment">The packet; with its TCP-AO option or without. Its checksum is overwritten.</param>
    public void AddVerified(Span<byte> segment)
    {
        if (TcpPacket.TryParse(segment, out TcpPacket packet) != DropReason.None)
        {
            return;
        }

        Flow? flow = Find(packet);
        const TcpFlags Alone = TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst | TcpFlags.Urg | TcpFlags.Cwr;
        bool mayMerge = packet.TcpOffset == (packet.IsIPv6 ? IPv6HeaderLength : IPv4HeaderLength) && packet.Payload.Length > 0 && (packet.Flags & Alone) == TcpFlags.None;
        if (flow is not null)
        {
            if (mayMerge && flow.TryAppend(packet))
            {
                return;
            }

            // in their order
            Write(flow);
        }

        if (mayMerge)
        {
            flow ??= FreeFlow();
            if (flow.TryBegin(packet))
            {
                return;
            }
        }

        WriteVerified(segment[..packet.Bytes.Length], packet.TcpOffset);
    }

    /// <summary>Hands a packet on as the link gave it, in the order of those of its connection.</summary>
    /// <param name="receiver">The receiver that has it.</param>
    /// <param name="index">Which of its packets.</param>
    /// <param name="length">Its length.</param>
    public void AddAsIs(LinkReceiver receiver, int index, int length)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ReadOnlySpan<byte> bytes = receiver.Buffer.AsSpan(receiver[index].Offset, length);
        if (TcpPacket.TryParse(bytes, out TcpPacket packet) == DropReason.None && Find(packet) is { } flow)
        {
            Write(flow);
        }

        // places are counted from the link's header there, and from that of IP here
        VirtioHeader header = receiver.Offload(index);
        header.HeaderLength = (ushort)Math.Max(header.HeaderLength - NextHop.HeaderLength, 0);
        header.ChecksumStart = (ushort)Math.Max(header.ChecksumStart - NextHop.HeaderLength, 0);
        Lost += _device.TryWrite(bytes, header) ? 0 : 1;
    }

    /// <summary>Hands over all that waits to become more.</summary>
    public void Flush()
    {
        foreach (Flow flow in _flows)
        {
            Write(flow);
        }
    }

    private Flow? Find(in TcpPacket packet)
    {
        foreach (Flow flow in _flows)
        {
            if (!flow.IsEmpty && flow.IsOf(packet))
            {
                return flow;
            }
        }

        return null;
    }

    private Flow FreeFlow()
    {
        foreach (Flow flow in _flows)
        {
            if (flow.IsEmpty)
            {
                return flow;
            }
        }

        Flow victim = _flows[_nextVictim++ % Flows];
        Write(victim);
        return victim;
    }

    private void WriteVerified(Span<byte> packet, int tcpOffset)
    {
        VirtioHeader header = ChecksumToFinish(packet, tcpOffset);
        Lost += _device.TryWrite(packet, header) ? 0 : 1;
    }

    /// <summary>
    /// Leaves the checksum as one that offload has yet to finish: the kernel takes it for right, as the MAC has shown. What is on the wire may be such a one too, where
    /// the wire is a veth pair.
    /// </summary>
    private static VirtioHeader ChecksumToFinish(Span<byte> packet, int tcpOffset)
    {
        ushort sum = InternetChecksum.Sum(packet[0] >> 4 == 6 ? packet.Slice(8, 32) : packet.Slice(12, 8));
        sum = InternetChecksum.Add(sum, InternetChecksum.Add(ProtocolTcp, (ushort)(packet.Length - tcpOffset)));
        BinaryPrimitives.WriteUInt16BigEndian(packet[(tcpOffset + ChecksumOffset)..], sum);
        return new VirtioHeader { Flags = VirtioHeader.VIRTIO_NET_HDR_F_NEEDS_CSUM, ChecksumStart = (ushort)tcpOffset, ChecksumOffset = ChecksumOffset };
    }

    private void Write(Flow flow)
    {
        if (!flow.IsEmpty)
        {
            Lost += _device.TryWrite(flow.Finish(out VirtioHeader header), header) ? 0 : 1;
            flow.Clear();
        }
    }

    /// <summary>Segments of one connection and direction that follow each other.</summary>
    private sealed class Flow
    {
        private readonly byte[] _packet = GC.AllocateUninitializedArray<byte>(MaxPacket, pinned: true);
        private readonly byte[] _options = new byte[OptionRoom];
        private int _length;
        private int _tcpOffset;
        private int _headerLength;
        private int _segmentPayload;
        private int _segments;
        private int _optionLength;
        private uint _nextSequence;
        private bool _isClosed;

        public bool IsEmpty => _length == 0;

        public void Clear() => _length = 0;

        public bool IsOf(in TcpPacket packet) =>
            packet.SourcePort == BinaryPrimitives.ReadUInt16BigEndian(_packet.AsSpan(_tcpOffset))
            && packet.DestinationPort == BinaryPrimitives.ReadUInt16BigEndian(_packet.AsSpan(_tcpOffset + 2))
            && packet.IsIPv6 == (_packet[0] >> 4 == 6)
            && packet.SourceAddress.SequenceEqual(_packet.AsSpan(packet.IsIPv6 ? 8 : 12, packet.SourceAddress.Length))
            && packet.DestinationAddress.SequenceEqual(_packet.AsSpan(packet.IsIPv6 ? 24 : 16, packet.DestinationAddress.Length));

        /// <summary>Begins with a segment; refuses where its options would not fit in their usual places.</summary>
        public bool TryBegin(in TcpPacket packet)
        {
            _optionLength = OptionsOf(packet, _options);
            if (_optionLength > MaxOptions)
            {
                return false;
            }

            _tcpOffset = packet.TcpOffset;
            _headerLength = _tcpOffset + TcpBaseLength + _optionLength;
            packet.Bytes[..(_tcpOffset + TcpBaseLength)].CopyTo(_packet);
            _options.AsSpan(0, _optionLength).CopyTo(_packet.AsSpan(_tcpOffset + TcpBaseLength));
            _packet[_tcpOffset + 12] = (byte)((TcpBaseLength + _optionLength) << 2);
            packet.Payload.CopyTo(_packet.AsSpan(_headerLength));
            _length = _headerLength + packet.Payload.Length;
            _segmentPayload = packet.Payload.Length;
            _segments = 1;
            _nextSequence = packet.Sequence + (uint)packet.Payload.Length;
            _isClosed = (packet.Flags & TcpFlags.Psh) != TcpFlags.None;
            return true;
        }

        public bool TryAppend(in TcpPacket packet)
        {
            ReadOnlySpan<byte> payload = packet.Payload;
            ReadOnlySpan<byte> tcp = _packet.AsSpan(_tcpOffset, TcpBaseLength);
            const TcpFlags MayDiffer = TcpFlags.Psh;
            if (_isClosed
                || payload.Length > _segmentPayload
                || _length + payload.Length > MaxPacket
                || packet.Sequence != _nextSequence
                || packet.Acknowledgment != BinaryPrimitives.ReadUInt32BigEndian(tcp[8..])
                || packet.Window != BinaryPrimitives.ReadUInt16BigEndian(tcp[14..])
                || ((packet.Flags ^ (TcpFlags)tcp[FlagsOffset]) & ~MayDiffer) != TcpFlags.None
                || !IsSameService(packet.Bytes))
            {
                return false;
            }

            Span<byte> options = stackalloc byte[OptionRoom];
            int optionLength = OptionsOf(packet, options);
            if (!options[..optionLength].SequenceEqual(_options.AsSpan(0, _optionLength)))
            {
                return false;
            }

            payload.CopyTo(_packet.AsSpan(_length));
            _length += payload.Length;
            _segments++;
            _nextSequence += (uint)payload.Length;
            _packet[_tcpOffset + FlagsOffset] |= (byte)packet.Flags;

            // a short one is the last, and so is one that asks to be read at once
            _isClosed = payload.Length < _segmentPayload || (packet.Flags & TcpFlags.Psh) != TcpFlags.None;
            return true;
        }

        /// <summary>The packet with its lengths, and what is to be told of it.</summary>
        public ReadOnlySpan<byte> Finish(out VirtioHeader header)
        {
            Span<byte> packet = _packet.AsSpan(0, _length);
            bool isIPv6 = packet[0] >> 4 == 6;
            if (isIPv6)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(_length - IPv6HeaderLength));
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)_length);
                BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.ComputeIPv4Header(packet[..IPv4HeaderLength]));
            }

            header = ChecksumToFinish(packet, _tcpOffset);
            header.HeaderLength = (ushort)_headerLength;
            if (_segments > 1)
            {
                header.GsoType = isIPv6 ? VirtioHeader.VIRTIO_NET_HDR_GSO_TCPV6 : VirtioHeader.VIRTIO_NET_HDR_GSO_TCPV4;
                header.GsoSize = (ushort)_segmentPayload;
            }

            return packet;
        }

        /// <summary>Traffic class, time to live and flow label count; identification and lengths do not.</summary>
        private bool IsSameService(ReadOnlySpan<byte> ip) => ip[0] >> 4 == 6
            ? ip[..4].SequenceEqual(_packet.AsSpan(0, 4)) && ip[7] == _packet[7]
            : ip[1] == _packet[1] && ip[8] == _packet[8];

        /// <summary>The options without TCP-AO and padding, padded anew.</summary>
        private static int OptionsOf(in TcpPacket packet, Span<byte> options)
        {
            int length = 0;
            foreach (TcpOption option in new TcpOptionEnumerator(packet.Options))
            {
                if (option.Kind is TcpOptionKind.TcpAo or TcpOptionKind.NoOperation)
                {
                    continue;
                }

                // behind padding that puts it where stacks look first
                while (option.Kind == TcpOptionKind.Timestamps && (length & 3) != 2)
                {
                    options[length++] = (byte)TcpOptionKind.NoOperation;
                }

                options[length++] = (byte)option.Kind;
                options[length++] = (byte)(option.Data.Length + 2);
                option.Data.CopyTo(options[length..]);
                length += option.Data.Length;
            }

            while ((length & 3) != 0)
            {
                options[length++] = (byte)TcpOptionKind.NoOperation;
            }

            return length;
        }
    }
}
