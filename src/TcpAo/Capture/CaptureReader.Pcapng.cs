using System.Buffers;

namespace TcpAo.Capture;

// pcapng, draft-ietf-opsawg-pcapng section 3.1: type (4) | total length (4) | body, a multiple of 4 | total length (4).
// A block is read when it is there as a whole. Bodies:
//
// Section Header (4.1):         byte-order magic (4) | major (2) | minor (2) | section length (8) | options
// Interface Description (4.2):  see CaptureInterface
// Enhanced Packet (4.3):        interface (4) | time, high (4) | time, low (4) | captured (4) | original (4) | data | options
// Packet (appendix A):          interface (2) | drops (2) | the rest as in Enhanced Packet
// Simple Packet (4.4):          original (4) | data
public sealed partial class CaptureReader
{
    private const uint SectionHeader = 0x0A0D_0D0A;
    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;

    private const int SectionHeaderLength = 28; // the least total lengths
    private const int InterfaceDescriptionLength = 20;
    private const int PacketLength = 32;
    private const int SimplePacketLength = 16;
    private const int BlockLength = 12;

    private const uint ByteOrderMagic = 0x1A2B_3C4D;
    private const uint ByteOrderMagicSwapped = 0x4D3C_2B1A;
    private const int BlockHeaderLength = 8;
    private const int BlockTrailerLength = 4;
    private const int PacketDataOffset = 28;
    private const int SimplePacketDataOffset = 12;
    private const int OptionEnd = 0;
    private const int OptionPacketFlags = 2;
    private const int MaxInterfaces = 65536;

    private CaptureInterface[] _interfaces = []; // of the section being read
    private int _interfaceCount;

    private OperationStatus ReadBlocks(ReadOnlySpan<byte> data, scoped ref int position, out CapturedFrame frame)
    {
        frame = default;
        while (true)
        {
            ReadOnlySpan<byte> block = data[position..];
            if (block.Length < BlockLength)
            {
                return NeedMore(BlockLength, insideFrame: false);
            }

            uint type = UInt32At(block, 0);
            if (type == SectionHeader && !TryReadByteOrder(block))
            {
                return Invalid($"the section header at byte {Offset + position} has no byte-order magic");
            }

            uint length = UInt32At(block, 4);
            if (length < LeastLength(type) || length % 4 != 0 || length > MaxBlockLength)
            {
                return Invalid(WrongLength(type, length, position));
            }

            if (block.Length < length)
            {
                return NeedMore((int)length, insideFrame: type is EnhancedPacket or SimplePacket or ObsoletePacket);
            }

            block = block[..(int)length];
            uint trailer = UInt32At(block, block.Length - BlockTrailerLength);
            if (trailer != length)
            {
                return Invalid($"{BlockAt(position)} says at its start that it has {length} bytes and at its end that it has {trailer}");
            }

            OperationStatus status = ReadBlock(type, block, position, out frame);
            if (status == OperationStatus.InvalidData)
            {
                return status;
            }

            position += block.Length;
            MinimumBytes = BlockLength;
            if (status == OperationStatus.Done)
            {
                return status;
            }
        }
    }

    private static uint LeastLength(uint type) => type switch
    {
        EnhancedPacket or ObsoletePacket => PacketLength,
        SimplePacket => SimplePacketLength,
        InterfaceDescription => InterfaceDescriptionLength,
        SectionHeader => SectionHeaderLength,
        _ => BlockLength,
    };

    private string WrongLength(uint type, uint length, int position)
    {
        string says = $"{BlockAt(position)} says that it has {length} bytes";
        return length > MaxBlockLength
            ? $"{says}, and {MaxBlockLength} is the most that is read"
            : length % 4 != 0 ? $"{says}, which is no multiple of 4" : $"{says}, and a block of type {type} has at least {LeastLength(type)}";
    }

    private bool TryReadByteOrder(ReadOnlySpan<byte> block)
    {
        uint magic = UInt32At(block, BlockHeaderLength);
        _bigEndian ^= magic == ByteOrderMagicSwapped;
        return magic is ByteOrderMagic or ByteOrderMagicSwapped;
    }

    // Done: a frame. NeedMoreData: the block is read, and the next one is wanted.
    private OperationStatus ReadBlock(uint type, ReadOnlySpan<byte> block, int position, out CapturedFrame frame)
    {
        switch (type)
        {
            case EnhancedPacket:
                return ReadPacket(UInt32At(block, BlockHeaderLength), block, position, out frame);
            case ObsoletePacket:
                return ReadPacket(UInt16At(block, BlockHeaderLength), block, position, out frame);
            case SimplePacket:
                return ReadSimplePacket(block, position, out frame);
            case InterfaceDescription:
                frame = default;
                return ReadInterface(block, position);
            case SectionHeader:
                frame = default;
                return ReadSection(block, position);
            default:
                frame = default;
                return OperationStatus.NeedMoreData;
        }
    }

    private OperationStatus ReadSection(ReadOnlySpan<byte> block, int position)
    {
        int major = UInt16At(block, 12);
        if (major != 1)
        {
            return Invalid($"the section header at byte {Offset + position} says pcapng version {major}.{UInt16At(block, 14)}, and only version 1 is read");
        }

        _interfaceCount = 0;
        return OperationStatus.NeedMoreData;
    }

    private OperationStatus ReadInterface(ReadOnlySpan<byte> block, int position)
    {
        if (_interfaceCount == MaxInterfaces)
        {
            return Invalid($"{BlockAt(position)} describes one more interface than the {MaxInterfaces} that a section may have");
        }

        if (!CaptureInterface.TryRead(block[BlockHeaderLength..^BlockTrailerLength], _bigEndian, out CaptureInterface described))
        {
            return Invalid($"the interface description at byte {Offset + position} has an option that runs past its end");
        }

        if (_interfaceCount == _interfaces.Length)
        {
            Array.Resize(ref _interfaces, Math.Max(4, _interfaceCount * 2));
        }

        _interfaces[_interfaceCount++] = described;
        return OperationStatus.NeedMoreData;
    }

    private OperationStatus ReadPacket(uint interfaceId, ReadOnlySpan<byte> block, int position, out CapturedFrame frame)
    {
        frame = default;
        if (interfaceId >= (uint)_interfaceCount)
        {
            return Invalid($"{FrameAt(position)} belongs to interface {interfaceId}, and the section has described {_interfaceCount} interfaces so far");
        }

        uint capturedLength = UInt32At(block, 20);
        if (capturedLength > MaxFrameLength)
        {
            return Invalid($"{FrameAt(position)} says that it has {capturedLength} captured bytes, and {MaxFrameLength} is the most that is read");
        }

        int paddedLength = ((int)capturedLength + 3) & ~3;
        int optionsLength = block.Length - PacketLength - paddedLength;
        if (optionsLength < 0)
        {
            return Invalid($"{FrameAt(position)} says that it has {capturedLength} captured bytes, more than its block of {block.Length} bytes holds");
        }

        ref readonly CaptureInterface from = ref _interfaces[interfaceId];
        int fcsLength = from.FcsLength;
        if (optionsLength != 0 && FcsLengthIn(block.Slice(PacketDataOffset + paddedLength, optionsLength)) is int own and not 0)
        {
            fcsLength = own;
        }

        ulong ticks = ((ulong)UInt32At(block, 12) << 32) | UInt32At(block, 16);
        frame = NextFrame(from.LinkType, from.ToNanoseconds(ticks), UInt32At(block, 24), block.Slice(PacketDataOffset, (int)capturedLength), fcsLength);
        return OperationStatus.Done;
    }

    // epb_flags and pack_flags (4.3): bits 5 to 8 are the length of the check sequence in bytes, 0 when it is not known.
    private int FcsLengthIn(ReadOnlySpan<byte> options)
    {
        while (PcapngOption.TryTake(ref options, _bigEndian, out int code, out ReadOnlySpan<byte> value) && code != OptionEnd)
        {
            if (code == OptionPacketFlags && value.Length == 4)
            {
                return (int)(UInt32At(value, 0) >> 5) & 0xF;
            }
        }

        return 0;
    }

    private OperationStatus ReadSimplePacket(ReadOnlySpan<byte> block, int position, out CapturedFrame frame)
    {
        frame = default;
        if (_interfaceCount == 0)
        {
            return Invalid($"{FrameAt(position)} stands before its section describes an interface");
        }

        ref readonly CaptureInterface from = ref _interfaces[0];
        uint originalLength = UInt32At(block, BlockHeaderLength);
        uint capturedLength = Math.Min(originalLength, from.SnapLength == 0 ? uint.MaxValue : from.SnapLength);
        capturedLength = Math.Min(capturedLength, (uint)(block.Length - SimplePacketLength));
        if (capturedLength > MaxFrameLength)
        {
            return Invalid($"{FrameAt(position)} has {capturedLength} captured bytes, and {MaxFrameLength} is the most that is read");
        }

        frame = NextFrame(from.LinkType, 0, originalLength, block.Slice(SimplePacketDataOffset, (int)capturedLength), from.FcsLength);
        return OperationStatus.Done;
    }
}
