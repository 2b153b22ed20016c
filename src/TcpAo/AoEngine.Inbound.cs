// RFC 5925 section 7.5: incoming segments. The numbers are the steps of that section.

using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

public sealed partial class AoEngine
{
    /// <summary>Verifies a packet that arrived, if its connection is to be signed.</summary>
    /// <param name="buffer">The packet at the start.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="context">The time, the VRF and the interface.</param>
    /// <returns>Pass or, where the option is stripped, the new length; a reason where it must not enter. A dropped segment changes no state .</returns>
    public AoDecision ProcessInbound(Span<byte> buffer, int length, in SegmentContext context)
    {
        DropReason reason = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        if (reason != DropReason.None)
        {
            return reason == DropReason.NotTcp
                ? ProcessIcmp(buffer[..length], context)
                : ProcessUnreadable(packet, reason, inbound: true, context);
        }

        SocketPair pair = InboundPair(packet, context);
        _connections.TryFind(pair, out AoConnection? connection);
        bool isSyn = (packet.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn;

        // a SYN to a pair whose socket is gone would begin a connection: that has the rules of today
        bool mayBegin = connection is null || (isSyn && connection.State == ConnectionState.Closed);
        ConnectionPolicy? policy = mayBegin ? _keys.Find(pair) : connection!.Policy;
        if (policy is null)
        {
            return ProcessWithoutKeys(buffer, length, packet, pair);
        }

        if (policy.IsMd5)
        {
            return VerifyMd5(buffer, length, packet, pair, policy, context);
        }

        if (connection is not null)
        {
            Refresh(connection, context.Time);
            policy = mayBegin ? policy : connection.Policy;
        }

        if (packet.HasMd5)
        {
            if (_options.LeaveMd5ToStack)
            {
                return AoDecision.Pass;
            }

            return Refuse(packet, pair, connection, policy, DropReason.Md5Unexpected);
        }

        reason = isSyn ? VerifySyn(packet, pair, policy, context, ref connection) : VerifyOther(packet, pair, policy, context, ref connection);
        if (reason != DropReason.None)
        {
            return Refuse(packet, pair, connection, policy, reason);
        }

        Keep(connection);
        return packet.HasAo ? Admit(buffer, length, packet, policy, connection, TcpOptionKind.TcpAo, context) : AoDecision.Pass;
    }

    /// <summary>A verified segment: the option goes where the stack would mind it, and a SYN leaves room for ours.</summary>
    private AoDecision Admit(Span<byte> buffer, int length, in TcpPacket packet, ConnectionPolicy policy, AoConnection? connection, TcpOptionKind option, in SegmentContext context)
    {
        bool isSyn = (packet.Flags & TcpFlags.Syn) != TcpFlags.None;
        bool isFirst = isSyn && (packet.Flags & TcpFlags.Ack) == TcpFlags.None;
        bool isSkipped = _options.StackSkipsOption && !isSyn && connection?.HasWholeSocket == true;
        AoDecision decision = _options.StripVerified && !isSkipped ? Strip(buffer, length, option) : AoDecision.Pass;
        if (decision.Verdict == AoVerdict.Drop || !isSyn || !(_options.ReserveOptionSpace || _options.HoldSynData))
        {
            return decision;
        }

        int newLength = decision.Verdict == AoVerdict.Rewrite ? decision.Length : length;
        if (isFirst && _options.HoldSynData)
        {
            HoldSynData(buffer, ref newLength);
        }

        if (_options.ReserveOptionSpace)
        {
            OptionRoom.LowerMss(buffer, ref newLength, option, policy.Keys.LongestOption, context.RouteMtu);
        }

        return AoDecision.Rewrite(newLength);
    }

    /// <summary>The connection of a segment that arrived, as this end sees it.</summary>
    public static SocketPair InboundPair(in TcpPacket packet, in SegmentContext context)
    {
        var remote = IpAddressBits.FromBytes(packet.SourceAddress);
        return new SocketPair(IpAddressBits.FromBytes(packet.DestinationAddress), remote, packet.DestinationPort, packet.SourcePort, context.ScopeOf(remote));
    }

    /// <summary>7.5 (1): a SYN, checked against the keys of its socket pair .</summary>
    private DropReason VerifySyn(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, ref AoConnection? connection)
    {
        bool isSentAgain = connection?.RemoteIsn == packet.Sequence && connection.State != ConnectionState.Closed;
        DropReason refusal = packet.HasAo
            ? VerifySignedSyn(packet, pair, isSentAgain ? connection!.Keys : policy.Keys, isSentAgain ? connection!.Nat : policy.Nat, policy, context, connection)
            : RefusalOfUnsigned(policy, connection);
        bool signed = packet.HasAo && refusal == DropReason.None;
        if (refusal == DropReason.KeyNotFound && policy.AcceptsUnknownKey)
        {
            refusal = RefusalOfUnsigned(policy, connection);
        }

        // what monitor mode lets in goes on unsigned: what follows will not verify either
        if (refusal != DropReason.None && policy.Mode != PeerMode.Monitor)
        {
            return refusal;
        }

        var syn = new PendingSyn(packet.Sequence, signed, packet.KeyId, packet.RNextKeyId);
        if (!signed)
        {
            // of strangers nothing is remembered before our stack answers them
            connection?.PendingUnsigned = syn;
            return refusal;
        }

        if (connection is null)
        {
            connection = Add(pair, policy, context.Time);
            if (connection is null)
            {
                return DropReason.ConnectionTableFull;
            }

            connection.BeginPassive();
            connection.Deadline = context.Time.Monotonic + _options.HandshakeLifetime;
        }

        // A live connection does not change: our stack answers a SYN that it takes with a SYN-ACK, any other with an ACK.
        if (!isSentAgain || connection.Protection == Protection.Undecided)
        {
            connection.Pending = syn;
        }

        return DropReason.None;
    }

    private DropReason VerifySignedSyn(in TcpPacket packet, in SocketPair pair, KeyRing keys, NatSides nat, ConnectionPolicy policy, in SegmentContext context, AoConnection? connection)
    {
        DropReason reason = FindKey(packet, keys, policy, context, connection, out AoKey? key);
        if (reason != DropReason.None)
        {
            return reason;
        }

        SegmentFlow flow = SegmentFlow.Inbound(pair, nat);
        SegmentMac.Derive(key!, flow, packet.Sequence, 0, out TrafficKey receiveSyn);
        bool good = SegmentMac.Verify(key!, in receiveSyn, packet, flow, sne: 0);
        receiveSyn.Clear();
        CountKey(key!, connection, policy, good);
        if (!good)
        {
            return DropReason.MacMismatch;
        }

        CountGood(connection, policy);
        return DropReason.None;
    }

    /// <summary>Why an unsigned segment that may begin a connection is refused: a live signed connection is never talked down .</summary>
    private static DropReason RefusalOfUnsigned(ConnectionPolicy policy, AoConnection? connection) =>
        policy.Mode == PeerMode.Optional && connection is not { Protection: Protection.Signed, State: not ConnectionState.Closed }
            ? DropReason.None
            : DropReason.AoRequired;

    /// <summary>7.5 (2): every other segment, checked against its connection.</summary>
    private DropReason VerifyOther(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, ref AoConnection? connection)
    {
        if (connection is null)
        {
            return VerifyWithoutRecord(packet, pair, policy, context, ref connection);
        }

        if (!packet.HasAo)
        {
            return VerifyUnsigned(packet, policy, connection);
        }

        if (connection.Protection == Protection.Unsigned)
        {
            return policy.RejectUnexpected ? DropReason.AoUnexpected : DropReason.None;
        }

        DropReason reason = FindKey(packet, connection.Keys, policy, context, connection, out AoKey? key);
        if (reason == DropReason.KeyNotFound && policy.AcceptsUnknownKey && connection.Protection == Protection.Undecided)
        {
            return VerifyUnsigned(packet, policy, connection);
        }

        if (reason != DropReason.None)
        {
            return reason;
        }

        // The SYN-ACK of a connection that we opened tells the ISN that its own key needs.
        bool isSynAck = (packet.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == (TcpFlags.Syn | TcpFlags.Ack);
        bool learnsIsn = connection.RemoteIsn is null;
        if (connection.LocalIsn is not { } localIsn || (learnsIsn && !isSynAck))
        {
            return DropReason.IsnUnknown;
        }

        SegmentFlow flow = SegmentFlow.Inbound(pair, connection.Nat);
        ulong extended;
        bool good;
        if (learnsIsn)
        {
            extended = packet.Sequence;
            SegmentMac.Derive(key!, flow, packet.Sequence, localIsn, out TrafficKey candidate);
            good = SegmentMac.Verify(key!, in candidate, packet, flow, sne: 0);
            candidate.Clear();
        }
        else
        {
            extended = connection.ExtendReceive(packet.Sequence);
            KeySlot slot = connection.GetSlot(key!);
            ReadOnlySpan<byte> receiveOther = slot.ReceiveOther(pair, connection.Nat, localIsn, connection.RemoteIsn.GetValueOrDefault());
            good = VerifyReceived(key!, slot, receiveOther, packet, flow, (uint)(extended >> 32));
        }

        CountKey(key!, connection, policy, good);
        if (!good)
        {
            return DropReason.MacMismatch;
        }

        CountGood(connection, policy);
        if (learnsIsn)
        {
            connection.TakeRemoteIsn(packet.Sequence);
        }

        AcceptVerified(packet, context, connection, extended);
        return DropReason.None;
    }

    /// <summary>What a verified segment changes; nothing before this point did .</summary>
    private void AcceptVerified(in TcpPacket packet, in SegmentContext context, AoConnection connection, ulong extended)
    {
        if (connection.AdvanceReceive(extended + packet.SegmentSequenceLength))
        {
            Report(AoEventKind.ReceiveSneUpdate, connection.Pair, connection, packet, sne: connection.ReceiveSne);
        }

        connection.NoteReceived(packet.KeyId, packet.RNextKeyId);
        if (connection.TakePeerKeyOver(context.Time.Utc))
        {
            Report(AoEventKind.PeerKeyOver, connection.Pair, connection, packet);
        }

        if (connection.CurrentKey is { } current && current.SendId != packet.RNextKeyId)
        {
            _observer?.OnEvent(new AoEvent(
                AoEventKind.RNextRequest, connection.Pair, connection.State, packet.Flags, current.SendId, packet.RNextKeyId, packet.MacLength));
        }

        AoKey? before = connection.CurrentKey;
        if (connection.FollowPeer(packet.RNextKeyId, context.Time.Utc))
        {
            ReportKeyChange(connection, before, connection.RNextKey);
        }

        connection.Stamp(context.Time.Utc);

        if (connection.State is ConnectionState.SynSent or ConnectionState.SynReceived && (packet.Flags & TcpFlags.Rst) == TcpFlags.None)
        {
            connection.State = ConnectionState.Synchronized;
            connection.Protection = Protection.Signed;
            connection.Deadline = long.MaxValue;
            connection.ForgetPending();
            Report(AoEventKind.Established, connection.Pair, connection, packet);
        }
    }

    /// <summary>7.5 (2): an unsigned segment that is not a SYN.</summary>
    private DropReason VerifyUnsigned(in TcpPacket packet, ConnectionPolicy policy, AoConnection connection)
    {
        if (connection.Protection == Protection.Unsigned)
        {
            // in monitor mode it passes, and the reason tells what would not
            return policy.Mode == PeerMode.Monitor ? DropReason.AoRequired : DropReason.None;
        }

        if (!policy.AllowsUnsigned || connection.Protection == Protection.Signed || connection.State != ConnectionState.SynSent)
        {
            return DropReason.AoRequired;
        }

        // We asked with a signed SYN, and the peer's first answer is not signed. Only an answer to that SYN settles it: who has not seen it cannot.
        const TcpFlags Handshake = TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst;
        if ((packet.Flags & Handshake) == (TcpFlags.Syn | TcpFlags.Ack) && packet.Acknowledgment - 1 == connection.LocalIsn)
        {
            connection.Protection = Protection.Unsigned;
            connection.Deadline = long.MaxValue;
            Report(AoEventKind.Unprotected, connection.Pair, connection, packet);
        }

        return DropReason.None;
    }

    /// <summary>A segment of a connection of which there is no record.</summary>
    private DropReason VerifyWithoutRecord(in TcpPacket packet, in SocketPair pair, ConnectionPolicy policy, in SegmentContext context, ref AoConnection? connection)
    {
        if (!packet.HasAo)
        {
            return RefusalOfUnsigned(policy, connection);
        }

        DropReason reason = FindKey(packet, policy.Keys, policy, context, connection, out AoKey? key);
        if (reason != DropReason.None)
        {
            return reason == DropReason.KeyNotFound && policy.AcceptsUnknownKey ? RefusalOfUnsigned(policy, connection) : reason;
        }

        const TcpFlags NotFinalAck = TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Fin;
        if (!_options.AcceptHandshakeAckWithoutSyn || (packet.Flags & TcpFlags.Ack) == TcpFlags.None || (packet.Flags & NotFinalAck) != TcpFlags.None)
        {
            return DropReason.IsnUnknown;
        }

        // the ACK that ends the handshake names both ISNs, each one less
        uint remoteIsn = packet.Sequence - 1;
        uint localIsn = packet.Acknowledgment - 1;
        ulong extended = new SequenceNumberExtension(remoteIsn).Extend(packet.Sequence);
        SegmentFlow flow = SegmentFlow.Inbound(pair, policy.Nat);
        SegmentMac.Derive(key!, flow, remoteIsn, localIsn, out TrafficKey candidate);
        bool good = SegmentMac.Verify(key!, in candidate, packet, flow, (uint)(extended >> 32));
        candidate.Clear();
        CountKey(key!, null, policy, good);
        if (!good)
        {
            return DropReason.MacMismatch;
        }

        connection = Add(pair, policy, context.Time);
        if (connection is null)
        {
            return DropReason.ConnectionTableFull;
        }

        CountGood(policy.Listener is null ? connection : null, policy);
        connection.TakeIsns(localIsn, remoteIsn);
        connection.AdoptFromSyn(new PendingSyn(remoteIsn, Signed: true, packet.KeyId, packet.RNextKeyId), context.Time.Utc);
        AcceptVerified(packet, context, connection, extended);
        return DropReason.None;
    }

    /// <summary>7.5 (2a): the key that the KeyID names, and the length of its MAC, before any MAC is computed .</summary>
    private DropReason FindKey(in TcpPacket packet, KeyRing keys, ConnectionPolicy policy, in SegmentContext context, AoConnection? connection, out AoKey? key)
    {
        key = keys.FindByRecvId(packet.KeyId);
        if (key is null)
        {
            return DropReason.KeyNotFound;
        }

        // a SYN would begin a connection: nothing is held for that
        bool isSyn = (packet.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn;
        if (!key.CanAccept(context.Time.Utc) && (isSyn || connection?.HoldsForPeer(key, context.Time.Utc) != true))
        {
            return DropReason.KeyNotAccepted;
        }

        if (packet.MacLength == key.MacLength)
        {
            return DropReason.None;
        }

        CountKey(key, connection, policy, good: false);
        return DropReason.MacLengthMismatch;
    }

    /// <summary>A segment of a connection without keys .</summary>
    private AoDecision ProcessWithoutKeys(Span<byte> buffer, int length, in TcpPacket packet, in SocketPair pair)
    {
        if (!packet.HasAo)
        {
            return AoDecision.Pass;
        }

        if (_options.DropAoWithoutKeys)
        {
            Counters.Count(DropReason.KeyNotFound);
            Report(AoEventKind.KeyNotFound, pair, null, packet, DropReason.KeyNotFound);
            return AoDecision.Drop(DropReason.KeyNotFound);
        }

        return Strip(buffer, length);
    }

    private static AoDecision Strip(Span<byte> buffer, int length, TcpOptionKind kind = TcpOptionKind.TcpAo)
    {
        int newLength = length;
        DropReason reason = TcpPacketEditor.RemoveOption(buffer, ref newLength, kind);
        return reason == DropReason.None ? AoDecision.Rewrite(newLength) : AoDecision.Drop(reason);
    }

    /// <summary>A packet that breaks the rules: dropped where it may belong to a connection with keys.</summary>
    private AoDecision ProcessUnreadable(in TcpPacket packet, DropReason reason, bool inbound, in SegmentContext context)
    {
        if (reason == DropReason.NotTcp)
        {
            return AoDecision.Pass;
        }

        SocketPair pair = default;
        AoConnection? connection = null;
        PeerMode mode = PeerMode.Required;
        if (packet.HasPorts)
        {
            pair = inbound ? InboundPair(packet, context) : OutboundPair(packet, context);
            _connections.TryFind(pair, out connection);
            if ((connection?.Policy ?? _keys.Find(pair)) is not { } policy)
            {
                return AoDecision.Pass;
            }

            mode = policy.Mode;
        }

        Report(inbound ? AoEventKind.BadHeader : AoEventKind.NotSent, pair, connection, packet, reason);
        return inbound && mode == PeerMode.Monitor ? new AoDecision(AoVerdict.Pass, 0, reason) : AoDecision.Drop(reason);
    }

    /// <summary>Counts and reports a refusal; in monitor mode the segment passes with the reason set.</summary>
    private AoDecision Refuse(in TcpPacket packet, in SocketPair pair, AoConnection? connection, ConnectionPolicy policy, DropReason reason)
    {
        if (IsHandshakeUnlike(reason, connection))
        {
            // as on Linux: bad, and no socket's
            Counters.Count(DropReason.MacMismatch);
        }
        else
        {
            Counters.Count(reason);
            (ListenerOf(connection, policy)?.Total ?? connection?.Counters)?.Count(reason);
        }

        if (EventOf(reason, connection) is { } kind)
        {
            Report(kind, pair, connection, packet, reason);
        }

        return policy.Mode == PeerMode.Monitor && reason != DropReason.ConnectionTableFull
            ? new AoDecision(AoVerdict.Pass, 0, reason)
            : AoDecision.Drop(reason);
    }

    private static AoEventKind? EventOf(DropReason reason, AoConnection? connection) => reason switch
    {
        _ when IsHandshakeUnlike(reason, connection) => AoEventKind.HandshakeFailure,
        DropReason.AoRequired => AoEventKind.AoRequired,
        DropReason.AoUnexpected or DropReason.IsnUnknown => AoEventKind.HandshakeFailure,
        DropReason.MacLengthMismatch => AoEventKind.WrongMacLength,
        DropReason.MacMismatch => AoEventKind.MacMismatch,
        DropReason.KeyNotFound or DropReason.KeyNotAccepted => AoEventKind.KeyNotFound,
        DropReason.Md5Required => AoEventKind.Md5Required,
        DropReason.Md5Unexpected => AoEventKind.Md5Unexpected,
        DropReason.IcmpIgnored => AoEventKind.IcmpIgnored,
        _ => null,
    };

    /// <summary>A handshake does not end otherwise than it began: signed, and then not (linux-uapi 6).</summary>
    private static bool IsHandshakeUnlike(DropReason reason, AoConnection? connection) =>
        reason == DropReason.AoRequired && connection is { State: ConnectionState.SynReceived, Protection: Protection.Signed };

    private void CountGood(AoConnection? connection, ConnectionPolicy policy)
    {
        Counters.Count(DropReason.None);
        (ListenerOf(connection, policy)?.Total ?? connection?.Counters)?.Count(DropReason.None);
    }

    private void CountKey(AoKey key, AoConnection? connection, ConnectionPolicy policy, bool good)
    {
        if (ListenerOf(connection, policy) is { } listener)
        {
            listener.GetKey(key).Count(good);
        }
        else if (connection is not null)
        {
            KeySlot slot = connection.GetSlot(key);
            slot.Counters.Count(good);
            (slot.EngineCounters ??= GetKeyCounters(key)).Count(good);
            return;
        }

        GetKeyCounters(key).Count(good);
    }

    /// <summary>The listener whose segment this is: a handshake belongs to no other socket before it is over.</summary>
    private static SocketCounters? ListenerOf(AoConnection? connection, ConnectionPolicy policy) =>
        connection is null or { State: ConnectionState.SynReceived } ? policy.Listener : null;
}
