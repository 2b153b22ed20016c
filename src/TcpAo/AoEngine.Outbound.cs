// RFC 5925 section 7.4: outgoing segments.

using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

public sealed partial class AoEngine
{
    /// <summary>Signs a packet of the local stack, if its connection is to be signed.</summary>
    /// <param name="buffer">The packet at the start, room to grow behind it.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="context">The time and the VRF.</param>
    /// <returns>Pass where nothing is to be signed, the new length where it is signed, a reason where it must not leave.</returns>
    public AoDecision ProcessOutbound(Span<byte> buffer, int length, in SegmentContext context)
    {
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return ProcessUnreadable(packet, reason, inbound: false, context);
        }

        var pair = new SocketPair(
            IpAddressBits.FromBytes(packet.SourceAddress),
            IpAddressBits.FromBytes(packet.DestinationAddress),
            packet.SourcePort,
            packet.DestinationPort,
            context.Vrf);
        _connections.TryFind(pair, out AoConnection? connection);
        ConnectionPolicy? policy = connection?.Policy ?? _keys.Find(pair);
        if (policy is null)
        {
            return AoDecision.Pass;
        }

        if (policy.IsMd5)
        {
            return SignMd5(buffer, length, packet, pair, policy, context);
        }

        TcpFlags handshake = packet.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst);
        reason = handshake switch
        {
            TcpFlags.Syn => PrepareSyn(packet, pair, policy, context, ref connection),
            TcpFlags.Syn | TcpFlags.Ack => PrepareSynAck(packet, pair, policy, context, ref connection),
            _ => PrepareOther(policy, connection),
        };
        if (reason != DropReason.None)
        {
            return HoldBack(packet, pair, connection, reason);
        }

        if (connection is null || connection.Protection == Protection.Unsigned)
        {
            return AoDecision.Pass;
        }

        Refresh(connection, context.Time);
        return Sign(buffer, length, packet, connection, context, isSyn: handshake == TcpFlags.Syn);
    }

    /// <summary>A SYN of ours: a new connection, unless it is sent again.</summary>
    private DropReason PrepareSyn(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, ref AoConnection? connection)
    {
        if (connection is not null && connection.State == ConnectionState.SynSent && connection.LocalIsn == packet.Sequence)
        {
            return DropReason.None;
        }

        // a new connection has the rules of today
        policy = _keys.Find(pair) ?? policy;
        _connections.Remove(pair);
        connection = Add(pair, policy, context.Time);
        if (connection is null)
        {
            return DropReason.ConnectionTableFull;
        }

        connection.BeginActive(packet.Sequence);
        connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        if (policy.Mode == PeerMode.Monitor)
        {
            connection.Protection = Protection.Unsigned;
        }

        return DropReason.None;
    }

    /// <summary>A SYN-ACK of ours: our stack took the peer's SYN, and now both ISNs are known.</summary>
    private DropReason PrepareSynAck(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, ref AoConnection? connection)
    {
        uint remoteIsn = packet.Acknowledgment - 1;
        if (connection?.Pending is { } syn && syn.Isn == remoteIsn)
        {
            return AcceptSyn(packet, syn, context, connection);
        }

        if (connection is not null && connection.LocalIsn == packet.Sequence && connection.RemoteIsn == remoteIsn)
        {
            return DropReason.None;
        }

        // no record of the SYN: our stack checked it (a SYN cookie, or a SYN from before a restart)
        connection ??= Add(pair, policy, context.Time);
        if (connection is null)
        {
            return DropReason.ConnectionTableFull;
        }

        connection.TakeIsns(packet.Sequence, remoteIsn);
        connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        connection.Protection = policy.AllowsUnsigned ? Protection.Unsigned : Protection.Signed;
        return DropReason.None;
    }

    private DropReason AcceptSyn(in TcpPacket packet, in PendingSyn syn, in SegmentContext context, AoConnection connection)
    {
        bool simultaneous = connection.State == ConnectionState.SynSent && connection.LocalIsn == packet.Sequence;
        if (simultaneous)
        {
            connection.TakeRemoteIsn(syn.Isn);
            connection.State = ConnectionState.SynReceived;
            connection.Pending = null;
        }
        else
        {
            if (connection.KeysVersion != _keysVersion)
            {
                Refresh(connection, context.Time);
            }

            connection.TakeIsns(packet.Sequence, syn.Isn);
        }

        connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        connection.Protection = syn.Signed ? Protection.Signed : Protection.Unsigned;
        if (!syn.Signed)
        {
            Report(AoEventKind.Unprotected, connection.Pair, connection, packet);
            return DropReason.None;
        }

        connection.NoteReceived(syn.KeyId, syn.RNextKeyId);
        if (!connection.AdoptFromSyn(syn, context.Time.Utc) && !simultaneous)
        {
            connection.Pending = syn;
            Report(AoEventKind.SynAckNoKey, connection.Pair, connection, packet, DropReason.RNextKeyNotFound);
            return DropReason.RNextKeyNotFound;
        }

        return DropReason.None;
    }

    /// <summary>Everything but a SYN or SYN-ACK: the connection says whether and how it is signed.</summary>
    private static DropReason PrepareOther(ConnectionPolicy policy, AoConnection? connection)
    {
        if (connection is null)
        {
            // R-041; in the other modes an unsigned connection may have been there before us
            return policy.AllowsUnsigned ? DropReason.None : DropReason.IsnUnknown;
        }

        if (connection.Protection == Protection.Unsigned || connection.HasBothIsns)
        {
            return DropReason.None;
        }

        // a reset that answers an unsigned SYN in a mode that lets it through
        return connection.Pending is { Signed: false } ? AllowUnsigned(connection) : DropReason.IsnUnknown;

        static DropReason AllowUnsigned(AoConnection connection)
        {
            connection.Protection = Protection.Unsigned;
            return DropReason.None;
        }
    }

    private AoDecision Sign(Span<byte> buffer, int length, in TcpPacket unsigned, AoConnection connection, in SegmentContext context, bool isSyn)
    {
        AoKey? key = connection.CurrentKey;
        if (key is null || !key.CanSend(context.Time.Utc))
        {
            return HoldBack(unsigned, connection.Pair, connection, DropReason.NoSendKey);
        }

        // Without any accepted key there is nothing to ask for; the current key's own id says "stay".
        byte rnextKeyId = (connection.RNextKey ?? key).RecvId;
        int newLength = length;
        DropReason reason = TcpPacketEditor.InsertAo(buffer, ref newLength, key.MacLength, key.SendId, rnextKeyId, out int aoOffset);
        if (reason != DropReason.None)
        {
            return HoldBack(unsigned, connection.Pair, connection, reason);
        }

        TcpPacket.TryParse(buffer[..newLength], out TcpPacket packet);
        Span<byte> mac = buffer.Slice(aoOffset + 4, key.MacLength);
        SegmentFlow flow = SegmentFlow.Outbound(connection.Pair, connection.Policy.Nat);
        if (isSyn)
        {
            SegmentMac.Derive(key, flow, packet.Sequence, 0, out TrafficKey sendSyn);
            SegmentMac.Compute(key, in sendSyn, packet, flow, sne: 0, mac);
            sendSyn.Clear();
        }
        else
        {
            ulong extended = connection.ExtendSend(packet.Sequence);
            ref readonly TrafficKey sendOther = ref connection.GetSlot(key).SendOther(
                connection.Pair, connection.Policy.Nat, connection.LocalIsn.GetValueOrDefault(), connection.RemoteIsn.GetValueOrDefault());
            SegmentMac.Compute(key, in sendOther, packet, flow, (uint)(extended >> 32), mac);
            if (connection.AdvanceSend(extended + packet.SegmentSequenceLength))
            {
                Report(AoEventKind.SendSneUpdate, connection.Pair, connection, packet, sne: connection.SendSne);
            }
        }

        TcpPacketEditor.FinishChecksum(buffer, newLength);
        return AoDecision.Rewrite(newLength);
    }

    private AoDecision HoldBack(in TcpPacket packet, in SocketPair pair, AoConnection? connection, DropReason reason)
    {
        Report(AoEventKind.NotSent, pair, connection, packet, reason);
        return AoDecision.Drop(reason);
    }
}
