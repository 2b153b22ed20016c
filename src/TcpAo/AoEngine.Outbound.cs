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
    /// <param name="context">The time, the VRF and the interface.</param>
    /// <returns>Pass where nothing is to be signed, the new length where it is signed, a reason where it must not leave.</returns>
    public AoDecision ProcessOutbound(Span<byte> buffer, int length, in SegmentContext context)
    {
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return ProcessUnreadable(packet, reason, inbound: false, context);
        }

        SocketPair pair = OutboundPair(packet, context);
        _connections.TryFind(pair, out AoConnection? connection);
        TcpFlags handshake = packet.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst);

        // a new connection has the rules of today, and nothing of an earlier one on its pair
        bool begins = connection is null || Begins(connection, packet, handshake);
        ConnectionPolicy? policy = begins ? _keys.Find(pair) : connection!.Policy;
        if (policy is null || policy.IsMd5)
        {
            if (connection is not null)
            {
                _connections.Remove(pair);
            }

            return policy is null ? AoDecision.Pass : SignMd5(buffer, length, packet, pair, policy, context);
        }

        reason = handshake switch
        {
            TcpFlags.Syn => PrepareSyn(packet, pair, policy, context, begins, ref connection),
            TcpFlags.Syn | TcpFlags.Ack => PrepareSynAck(packet, pair, policy, context, begins, ref connection),
            _ => PrepareOther(policy, connection),
        };
        if (reason != DropReason.None)
        {
            return HoldBack(packet, pair, connection, reason);
        }

        if (connection is null || connection.Protection == Protection.Unsigned)
        {
            Keep(connection);
            return AoDecision.Pass;
        }

        Refresh(connection, context.Time);
        reason = GiveUpOptions(buffer, ref length, ref packet, pair, connection);
        if (reason != DropReason.None)
        {
            return HoldBack(packet, pair, connection, reason);
        }

        AoDecision decision = Sign(buffer, length, packet, connection, context, isSyn: handshake == TcpFlags.Syn);
        Keep(connection);
        return decision;
    }

    /// <summary>The connection of a segment that leaves, as this end sees it.</summary>
    public static SocketPair OutboundPair(in TcpPacket packet, in SegmentContext context)
    {
        var remote = IpAddressBits.FromBytes(packet.DestinationAddress);
        return new SocketPair(IpAddressBits.FromBytes(packet.SourceAddress), remote, packet.SourcePort, packet.DestinationPort, context.ScopeOf(remote));
    }

    /// <summary>Whether a SYN or SYN-ACK of ours belongs to another connection than the one that is known.</summary>
    private static bool Begins(AoConnection connection, in TcpPacket packet, TcpFlags handshake) => handshake switch
    {
        TcpFlags.Syn => connection.State != ConnectionState.SynSent || connection.LocalIsn != packet.Sequence,
        TcpFlags.Syn | TcpFlags.Ack => connection.LocalIsn is { } localIsn
            && (localIsn != packet.Sequence || (connection.State != ConnectionState.SynSent && connection.RemoteIsn != packet.Acknowledgment - 1)),
        _ => false,
    };

    /// <summary>A SYN of ours: a new connection, unless it is sent again.</summary>
    private DropReason PrepareSyn(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, bool begins, ref AoConnection? connection)
    {
        if (!begins)
        {
            return DropReason.None;
        }

        // the peer's SYN may have come first: both open
        PendingSyn? pending = connection is { LocalIsn: null } ? connection.Pending : null;
        _connections.Remove(pair);
        connection = Add(pair, policy, context.Time);
        if (connection is null)
        {
            return DropReason.ConnectionTableFull;
        }

        connection.BeginActive(packet.Sequence);
        connection.Pending = pending;
        connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        if (policy.Mode == PeerMode.Monitor)
        {
            connection.Protection = Protection.Unsigned;
        }

        return DropReason.None;
    }

    /// <summary>A SYN-ACK of ours: our stack took the peer's SYN, and now both ISNs are known.</summary>
    private DropReason PrepareSynAck(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, bool begins, ref AoConnection? connection)
    {
        uint remoteIsn = packet.Acknowledgment - 1;
        if (connection?.FindPending(remoteIsn) is { } syn)
        {
            return AcceptSyn(packet, syn, policy, context, begins, ref connection);
        }

        if (!begins && connection!.HasBothIsns)
        {
            return DropReason.None;
        }

        // No record of the SYN: our stack checked it (a SYN cookie, or a SYN from before a restart), or it was not signed. Where a signed one was
        // seen or signing is the rule, this one counts as signed.
        bool signed = !policy.AllowsUnsigned
            || connection is { Pending: not null } or { Protection: Protection.Signed, State: not ConnectionState.Closed };
        if (begins)
        {
            _connections.Remove(pair);
            connection = signed || _connections.HasRoomForStrangers ? Add(pair, policy, context.Time) : null;
        }

        if (connection is null)
        {
            return signed ? DropReason.ConnectionTableFull : DropReason.None;
        }

        connection.TakeIsns(packet.Sequence, remoteIsn);
        connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        SettleProtection(packet, connection, signed);
        return DropReason.None;
    }

    private DropReason AcceptSyn(in TcpPacket packet, in PendingSyn syn, ConnectionPolicy policy, in SegmentContext context, bool begins, ref AoConnection? connection)
    {
        if (begins)
        {
            _connections.Remove(connection!.Pair);
            connection = Add(connection.Pair, policy, context.Time)!;
        }

        bool simultaneous = !begins && connection!.State == ConnectionState.SynSent;
        if (simultaneous)
        {
            connection!.TakeRemoteIsn(syn.Isn);
            connection.State = ConnectionState.SynReceived;
            connection.ForgetPending();
        }
        else
        {
            Refresh(connection!, context.Time);
            connection!.TakeIsns(packet.Sequence, syn.Isn);
        }

        connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        SettleProtection(packet, connection, syn.Signed);
        if (!syn.Signed)
        {
            return DropReason.None;
        }

        connection.NoteReceived(syn.KeyId, syn.RNextKeyId);
        if (simultaneous)
        {
            // our own choice stands since our SYN; the peer's is followed like any other
            connection.FollowPeer(syn.RNextKeyId, context.Time.Utc);
        }
        else if (!connection.AdoptFromSyn(syn, context.Time.Utc))
        {
            connection.Pending = syn;
            _observer?.OnEvent(new AoEvent(
                AoEventKind.SynAckNoKey, connection.Pair, connection.State, packet.Flags, syn.RNextKeyId, syn.KeyId, Reason: DropReason.RNextKeyNotFound));
            return DropReason.RNextKeyNotFound;
        }

        return DropReason.None;
    }

    private void SettleProtection(in TcpPacket packet, AoConnection connection, bool signed)
    {
        connection.Protection = signed ? Protection.Signed : Protection.Unsigned;
        if (!signed)
        {
            Report(AoEventKind.Unprotected, connection.Pair, connection, packet);
        }
    }

    /// <summary>Everything but a SYN or SYN-ACK: the connection says whether and how it is signed.</summary>
    private static DropReason PrepareOther(ConnectionPolicy policy, AoConnection? connection)
    {
        if (connection is null)
        {
            // R-041; in the other modes an unsigned connection may have been there before us
            return policy.AllowsUnsigned ? DropReason.None : DropReason.IsnUnknown;
        }

        return connection.Protection == Protection.Unsigned || connection.HasBothIsns ? DropReason.None : DropReason.IsnUnknown;
    }

    private AoDecision Sign(Span<byte> buffer, int length, in TcpPacket unsigned, AoConnection connection, in SegmentContext context, bool isSyn)
    {
        AoKey? key = connection.CurrentKey;
        if (key is null || !key.CanSend(context.Time.Utc))
        {
            return HoldBack(unsigned, connection.Pair, connection, DropReason.NoSendKey);
        }

        int optionLength = (4 + key.MacLength + 3) & ~3;
        int restLength = CutToPath(buffer, ref length, unsigned, connection.Pair, optionLength, context);

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
        SegmentFlow flow = SegmentFlow.Outbound(connection.Pair, connection.Nat);
        bool isDeferred = false;
        if (isSyn)
        {
            SegmentMac.Derive(key, flow, packet.Sequence, 0, out TrafficKey sendSyn);
            SegmentMac.Compute(key, in sendSyn, packet, flow, sne: 0, mac);
            sendSyn.Clear();
        }
        else
        {
            ulong extended = connection.ExtendSend(packet.Sequence);
            uint sne = (uint)(extended >> 32);
            KeySlot slot = connection.GetSlot(key);
            ReadOnlySpan<byte> sendOther = slot.SendOther(connection.Pair, connection.Nat, connection.LocalIsn.GetValueOrDefault(), connection.RemoteIsn.GetValueOrDefault());
            isDeferred = TryDefer(slot, packet, flow, sne, aoOffset + 4, newLength);
            if (!isDeferred)
            {
                SegmentMac.Compute(key, sendOther, packet, flow, sne, mac);
            }

            connection.NoteSent(packet);
            if (connection.AdvanceSend(extended + packet.SegmentSequenceLength))
            {
                Report(AoEventKind.SendSneUpdate, connection.Pair, connection, packet, sne: connection.SendSne);
            }
        }

        if (!isDeferred)
        {
            TcpPacketEditor.FinishChecksum(buffer, newLength);
        }

        return AoDecision.Rewrite(newLength) with { RestLength = restLength };
    }

    private AoDecision HoldBack(in TcpPacket packet, in SocketPair pair, AoConnection? connection, DropReason reason)
    {
        Report(AoEventKind.NotSent, pair, connection, packet, reason);
        return AoDecision.Drop(reason);
    }
}
