// Many frames at once: their MACs are computed together, under the keys and SNEs that are to be expected, before they are judged in order.

using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

public sealed partial class CaptureVerifier
{
    /// <summary>
    /// Foresees which MACs <see cref="TryVerify(CaptureBatch, int, ReadOnlySpan{byte}, out SegmentReport)"/> will need for the frames of a batch, from what is known
    /// now; frames before them may still be waiting for their judgement. What turns out differently is computed then: verdicts do not depend on it.
    /// </summary>
    /// <param name="batch">The frames.</param>
    /// <param name="buffer">The buffer that they lie in.</param>
    public void Foresee(CaptureBatch batch, ReadOnlySpan<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (ref CaptureBatch.Entry entry in batch.Entries)
        {
            if (entry.IsWhole)
            {
                Foresee(ref entry, new TcpPacket(buffer[entry.Offset..], entry.Shape));
            }
        }
    }

    /// <summary>Judges a frame of a batch; all must be, in their order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="index">Which frame of it, from 0.</param>
    /// <param name="buffer">The buffer that they lie in.</param>
    /// <param name="report">The verdict.</param>
    /// <returns>False when the frame holds no TCP segment.</returns>
    public bool TryVerify(CaptureBatch batch, int index, ReadOnlySpan<byte> buffer, out SegmentReport report)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ref CaptureBatch.Entry entry = ref batch.Entries[index];
        ReadOnlySpan<byte> ip = buffer.Slice(entry.Offset, entry.Length);
        if (!entry.IsWhole)
        {
            return TryVerify(entry.Frame, ip, out report);
        }

        var foreseen = new ForeseenMac(entry.TrafficKey, entry.TrafficKeyAt, entry.Sne, batch.MacOf(index));
        return TryVerify(entry.Frame, ip, new TcpPacket(ip, entry.Shape), DropReason.None, foreseen, out report);
    }

    private void Foresee(ref CaptureBatch.Entry entry, in TcpPacket packet)
    {
        if (!packet.HasAo || (packet.Flags & TcpFlags.Syn) != TcpFlags.None)
        {
            return;
        }

        var source = new CaptureEndpoint(IpAddressBits.FromBytes(packet.SourceAddress), packet.SourcePort);
        if (_connections.Find(CapturedConnection.NormalizedPair(packet, out _))?.Live is not { } life)
        {
            return;
        }

        bool fromLocal = life.Binding.IsFromLocal(source);
        if (life.Binding.FindKey(packet.KeyId, fromLocal) is not { } key || key.MacLength != packet.MacLength)
        {
            return;
        }

        life.GetTrafficKey(key, fromLocal, out byte[] holder, out int at);
        entry.Key = key;
        entry.TrafficKey = holder;
        entry.TrafficKeyAt = at;
        entry.Flow = life.Binding.Flow(fromLocal);
        entry.Sne = (uint)(life.Extend(packet, fromLocal) >> 32);
    }
}
