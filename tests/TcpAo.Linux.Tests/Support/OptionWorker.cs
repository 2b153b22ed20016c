using TcpAo.Linux.Netfilter;
using TcpAo.Wire;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Puts a TCP-AO option of 16 bytes into what leaves and takes it off what arrives; nothing passes without one.</summary>
internal sealed class OptionWorker
{
    public const int OptionLength = 16;

    private long _inserted;
    private long _removed;
    private long _unsigned;
    private long _refused;

    public long Inserted => Interlocked.Read(ref _inserted);

    public long Removed => Interlocked.Read(ref _removed);

    /// <summary>Segments that arrived without the option, and were dropped.</summary>
    public long Unsigned => Interlocked.Read(ref _unsigned);

    /// <summary>Packets that could not be edited, and were dropped.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public void Handle(NfQueuePacket packet)
    {
        Span<byte> buffer = packet.Buffer;
        int length = packet.Payload.Length;
        if (packet.IsTruncated || TcpPacket.TryParse(packet.Payload, out TcpPacket segment) != DropReason.None)
        {
            Interlocked.Increment(ref _refused);
            return;
        }

        bool hasAo = segment.HasAo;
        if (packet.IsOutbound)
        {
            if (TcpPacketEditor.InsertAo(buffer, ref length, OptionLength - 4, 1, 2, out _) == DropReason.None)
            {
                Interlocked.Increment(ref _inserted);
                packet.AcceptChanged(length);
                return;
            }
        }
        else if (!hasAo)
        {
            Interlocked.Increment(ref _unsigned);
            return;
        }
        else
        {
            if (TcpPacketEditor.TryGetMss(buffer, length, out ushort mss))
            {
                TcpPacketEditor.SetMss(buffer, length, (ushort)(Math.Min((int)mss, NfQueue.MaxPayload - 60) - OptionLength));
            }

            if (TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.TcpAo) == DropReason.None)
            {
                Interlocked.Increment(ref _removed);
                packet.AcceptChanged(length);
                return;
            }
        }

        Interlocked.Increment(ref _refused);
    }
}
