// NFQNL_MSG_PACKET in, NFQNL_MSG_VERDICT and NFQNL_MSG_VERDICT_BATCH out. A verdict with a payload is written over what
// stood before the payload in the receive buffer, so that header and packet leave as one piece and nothing is copied.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

public sealed unsafe partial class NfQueue
{
    // nlmsghdr, nfgenmsg, NFQA_VERDICT_HDR
    private const int VerdictLength = NetlinkUapi.HeaderLength + NetlinkUapi.NetfilterHeaderLength + 12;
    private const int MarkLength = 8;
    private const int SmallVerdictLength = VerdictLength + MarkLength;

    /// <summary>Sends the verdicts of the batch; packets without one are dropped.</summary>
    /// <exception cref="LinuxException">The kernel takes no verdicts any more; it drops the packets when the queue is disposed.</exception>
    public void Complete()
    {
        int count = _received;
        _received = 0;
        int vectors = 0;
        int bytes = 0;
        for (int i = 0; i < count; i++)
        {
            ref NfQueueSlot slot = ref _slots[i];
            if (!slot.IsPacket)
            {
                continue;
            }

            bool isPlain = slot.Verdict != NfQueueVerdict.AcceptChanged && !slot.HasNewMark;
            if (isPlain)
            {
                // equal plain verdicts in a row are one message: ids rise, and all before are decided
                while (i + 1 < count && IsSamePlain(slot.Verdict, _slots[i + 1]))
                {
                    i++;
                }
            }

            Span<byte> message = slot.Verdict == NfQueueVerdict.AcceptChanged ? ChangedVerdict(slot) : SmallVerdict(i, isPlain, slot);
            if (bytes + message.Length > _sendLimit)
            {
                SendVerdicts(vectors);
                vectors = 0;
                bytes = 0;
            }

            _sendVectors[vectors].Base = Unsafe.AsPointer(ref MemoryMarshal.GetReference(message));
            _sendVectors[vectors].Length = (nuint)message.Length;
            vectors++;
            bytes += message.Length;
        }

        SendVerdicts(vectors);
    }

    private static bool IsSamePlain(NfQueueVerdict verdict, in NfQueueSlot next) => next.IsPacket && next.Verdict == verdict && !next.HasNewMark;

    private void Parse(int index)
    {
        ref NfQueueSlot slot = ref _slots[index];
        slot = default;
        int start = index * _slotLength;
        ReadOnlySpan<byte> datagram = _buffers.AsSpan(start, (int)Math.Min(_headers[index].Length, (uint)_slotLength));
        if (!NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message))
        {
            return;
        }

        if (message.Type != ((NetlinkUapi.NFNL_SUBSYS_QUEUE << 8) | NfQueueUapi.NFQNL_MSG_PACKET))
        {
            RefusedVerdicts += message.Type == NetlinkUapi.NLMSG_ERROR && message.Error != 0 ? 1 : 0;
            return;
        }

        NetlinkAttributes attributes = message.NetfilterAttributes;
        while (attributes.MoveNext())
        {
            ReadOnlySpan<byte> value = attributes.Value;
            switch (attributes.Type)
            {
                case NfQueueUapi.NFQA_PACKET_HDR when value.Length >= 7:
                    slot.Id = BinaryPrimitives.ReadUInt32BigEndian(value);
                    slot.Protocol = BinaryPrimitives.ReadUInt16BigEndian(value[4..]);
                    slot.Hook = value[6];
                    slot.IsPacket = true;
                    break;
                case NfQueueUapi.NFQA_MARK:
                    slot.Mark = attributes.U32Network;
                    break;
                case NfQueueUapi.NFQA_IFINDEX_INDEV:
                    slot.InInterface = (int)attributes.U32Network;
                    break;
                case NfQueueUapi.NFQA_IFINDEX_OUTDEV:
                    slot.OutInterface = (int)attributes.U32Network;
                    break;
                case NfQueueUapi.NFQA_SKB_INFO:
                    slot.SkbInfo = attributes.U32Network;
                    break;
                case NfQueueUapi.NFQA_CAP_LEN:
                    slot.OriginalLength = (int)attributes.U32Network;
                    break;
                case NfQueueUapi.NFQA_PAYLOAD:
                    slot.PayloadLength = value.Length;
                    slot.PayloadOffset = (int)Unsafe.ByteOffset(ref _buffers[0], ref MemoryMarshal.GetReference(value));
                    break;
                default:
                    break;
            }
        }

        slot.OriginalLength = Math.Max(slot.OriginalLength, slot.PayloadLength);
    }

    private Span<byte> SmallVerdict(int index, bool isBatch, in NfQueueSlot slot)
    {
        int length = slot.HasNewMark ? SmallVerdictLength : VerdictLength;
        Span<byte> message = _smallVerdicts.AsSpan(index * SmallVerdictLength, length);
        WriteVerdict(message, length, isBatch ? NfQueueUapi.NFQNL_MSG_VERDICT_BATCH : NfQueueUapi.NFQNL_MSG_VERDICT, slot.Verdict, _slots[index].Id);
        if (slot.HasNewMark)
        {
            WriteMark(message[VerdictLength..], slot.Mark);
        }

        return message;
    }

    private Span<byte> ChangedVerdict(in NfQueueSlot slot)
    {
        int before = VerdictLength + (slot.HasNewMark ? MarkLength : 0) + NetlinkUapi.AttributeHeaderLength;
        int length = before + NetlinkUapi.Align(slot.PayloadLength);
        Span<byte> message = _buffers.AsSpan(slot.PayloadOffset - before, length);
        WriteVerdict(message, length, NfQueueUapi.NFQNL_MSG_VERDICT, slot.Verdict, slot.Id);
        if (slot.HasNewMark)
        {
            WriteMark(message[VerdictLength..], slot.Mark);
        }

        Span<byte> payload = message[(before - NetlinkUapi.AttributeHeaderLength)..];
        MemoryMarshal.Write(payload, (ushort)(slot.PayloadLength + NetlinkUapi.AttributeHeaderLength));
        MemoryMarshal.Write(payload[2..], NfQueueUapi.NFQA_PAYLOAD);
        return message;
    }

    private void WriteVerdict(Span<byte> message, int length, int type, NfQueueVerdict verdict, uint id)
    {
        MemoryMarshal.Write(message, length);
        MemoryMarshal.Write(message[4..], (ushort)((NetlinkUapi.NFNL_SUBSYS_QUEUE << 8) | type));
        MemoryMarshal.Write(message[6..], NetlinkUapi.NLM_F_REQUEST);
        message.Slice(8, 10).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message[18..], (ushort)Number);
        MemoryMarshal.Write(message[20..], (ushort)12);
        MemoryMarshal.Write(message[22..], NfQueueUapi.NFQA_VERDICT_HDR);
        BinaryPrimitives.WriteUInt32BigEndian(message[24..], verdict == NfQueueVerdict.Drop ? NfQueueUapi.NF_DROP : NfQueueUapi.NF_ACCEPT);
        BinaryPrimitives.WriteUInt32BigEndian(message[28..], id);
    }

    private static void WriteMark(Span<byte> attribute, uint mark)
    {
        MemoryMarshal.Write(attribute, (ushort)MarkLength);
        MemoryMarshal.Write(attribute[2..], NfQueueUapi.NFQA_MARK);
        BinaryPrimitives.WriteUInt32BigEndian(attribute[4..], mark);
    }

    private void SendVerdicts(int count)
    {
        if (count == 0)
        {
            return;
        }

        fixed (IoVector* vectors = _sendVectors)
        {
            NetlinkAddress kernel = new() { Family = Libc.AF_NETLINK };
            MessageHeader message = new() { Name = &kernel, NameLength = (uint)sizeof(NetlinkAddress), Vectors = vectors, VectorCount = (nuint)count };
            if (Libc.SendMessage(_socket.Descriptor, &message, 0) < 0)
            {
                throw LinuxException.Last($"Could not send verdicts to netfilter queue {Number}.");
            }
        }
    }
}
