// RFC 2385: TCP MD5 for legacy peers. No state: the digest needs neither ISNs nor an SNE.

using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

public sealed partial class AoEngine
{
    private const int Md5FixedLength = 2;
    private const int Md5DigestLength = 16;

    private AoDecision SignMd5(Span<byte> buffer, int length, TcpPacket unsigned, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context)
    {
        if (policy.FirstSendKey(context.Time.Utc) is not { } key)
        {
            return HoldBack(unsigned, pair, null, DropReason.NoSendKey);
        }

        int newLength = length;
        int optionOffset = 0;
        DropReason reason = GiveUpOptions(buffer, ref newLength, ref unsigned, pair, null);
        if (reason == DropReason.None)
        {
            reason = TcpPacketEditor.InsertMd5(buffer, ref newLength, out optionOffset);
        }

        if (reason != DropReason.None)
        {
            return HoldBack(unsigned, pair, null, reason);
        }

        TcpPacket.TryParse(buffer[..newLength], out TcpPacket packet);
        SegmentFlow flow = SegmentFlow.Outbound(pair, policy.Nat);
        SegmentMac.Derive(key, flow, 0, 0, out TrafficKey trafficKey);
        SegmentMac.Compute(key, in trafficKey, packet, flow, 0, buffer.Slice(optionOffset + Md5FixedLength, Md5DigestLength));
        trafficKey.Clear();
        TcpPacketEditor.FinishChecksum(buffer, newLength);
        return AoDecision.Rewrite(newLength);
    }

    private AoDecision VerifyMd5(Span<byte> buffer, int length, in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context)
    {
        if (packet.HasAo)
        {
            return Refuse(packet, pair, null, policy, DropReason.AoUnexpected);
        }

        if (!packet.HasMd5)
        {
            return Refuse(packet, pair, null, policy, DropReason.Md5Required);
        }

        // TCP MD5 has no key id: while keys roll, any accepted one may be right
        SegmentFlow flow = SegmentFlow.Inbound(pair, policy.Nat);
        foreach (AoKey key in policy.Keys.Keys)
        {
            if (!key.CanAccept(context.Time.Utc))
            {
                continue;
            }

            SegmentMac.Derive(key, flow, 0, 0, out TrafficKey trafficKey);
            bool good = SegmentMac.Verify(key, in trafficKey, packet, flow, 0);
            trafficKey.Clear();
            if (good)
            {
                GetKeyCounters(key).Count(good: true);

                return Admit(buffer, length, packet, policy, connection: null, TcpOptionKind.Md5Signature, context);
            }
        }

        Report(AoEventKind.Md5Mismatch, pair, null, packet, DropReason.MacMismatch);
        return policy.Mode == PeerMode.Monitor
            ? new AoDecision(AoVerdict.Pass, 0, DropReason.MacMismatch)
            : AoDecision.Drop(DropReason.MacMismatch);
    }
}
