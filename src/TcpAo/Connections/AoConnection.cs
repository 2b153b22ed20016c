// RFC 5925 section 4: the state that TCP-AO keeps for a connection. The steps that change it stand in AoEngine.

using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Connections;

/// <summary>
/// TCP-AO's state of one connection (RFC 5925 section 4): ISNs, SNEs, current_key and rnext_key. Owned by one
/// <see cref="AoEngine"/>; not thread-safe.
/// </summary>
public sealed partial class AoConnection
{
    private bool _hasShownSocket;
    private bool _hasSentEnd;
    private const int MarkStep = 28;
    private const int None = -1;

    private News _kept;
    private SequenceNumberExtension _send;
    private SequenceNumberExtension _receive;

    internal AoConnection(in SocketPair pair, ConnectionPolicy policy, EngineTime time)
    {
        Pair = pair;
        Policy = policy;
        Nat = policy.Nat;
        LockCurrentKey = policy.LockCurrentKey;
        LockRNextKey = policy.LockRNextKey;
        Deadline = long.MaxValue;
        ChooseKeys(time.Utc);
    }

    /// <summary>Both ends.</summary>
    public SocketPair Pair { get; }

    /// <summary>The rules in force.</summary>
    public ConnectionPolicy Policy { get; private set; }

    /// <summary>The ends that a NAT hides: fixed for the life of the connection, for traffic keys depend on it .</summary>
    internal NatSides Nat { get; }

    /// <summary>How far the connection is.</summary>
    public ConnectionState State { get; internal set; }

    /// <summary>Whether its segments are signed. tcp_authopt's "active" is <see cref="Connections.Protection.Signed"/>.</summary>
    public Protection Protection { get; internal set; }

    /// <summary>Our ISN; null before we sent one.</summary>
    public uint? LocalIsn { get; private set; }

    /// <summary>The peer's ISN; null before a verified segment told it.</summary>
    public uint? RemoteIsn { get; private set; }

    /// <summary>The SNE of our highest sequence number .</summary>
    public uint SendSne => _send.Sne;

    /// <summary>The SNE of the peer's highest verified sequence number .</summary>
    public uint ReceiveSne => _receive.Sne;

    /// <summary>KeyID of the last verified segment; null before the first .</summary>
    public byte? LastKeyId { get; private set; }

    /// <summary>RNextKeyID of the last verified segment; null before the first .</summary>
    public byte? LastRNextKeyId { get; private set; }

    /// <summary>For the <see cref="IConnectionStore"/> alone: where it keeps the connection; negative at first.</summary>
    public int StorePlace { get; set; } = -1;

    /// <summary>What the connection counted.</summary>
    public AoCounters Counters { get; } = new();

    /// <summary>A signed SYN of the peer that our stack has not answered.</summary>
    internal PendingSyn? Pending { get; set; }

    /// <summary>An unsigned one. It has a place of its own, so that nobody without a key can displace the signed one.</summary>
    internal PendingSyn? PendingUnsigned { get; set; }

    /// <summary>Whether our stack has shown that it has a socket for the connection, and not only a handshake, and that socket has not begun to close.</summary>
    internal bool HasWholeSocket => _hasShownSocket && !_hasSentEnd && State == ConnectionState.Synchronized;

    /// <summary>For the <see cref="ConnectionTable"/> alone: the next connection in its bucket.</summary>
    internal AoConnection? NextInTable { get; set; }

    /// <summary>When the connection is forgotten, in monotonic milliseconds.</summary>
    internal long Deadline { get; set; }

    /// <summary>Version of the engine's keys that <see cref="Policy"/> comes from.</summary>
    internal int KeysVersion { get; set; }

    internal bool HasBothIsns => LocalIsn is not null && RemoteIsn is not null;

    /// <summary>The SYN with this ISN, if it waits for our answer.</summary>
    internal PendingSyn? FindPending(uint isn) => Pending?.Isn == isn ? Pending : PendingUnsigned?.Isn == isn ? PendingUnsigned : null;

    internal void ForgetPending()
    {
        Pending = null;
        PendingUnsigned = null;
    }

    /// <summary>What continues this connection elsewhere; see <see cref="AoEngine.Restore"/>.</summary>
    public SavedConnection Save() => new(
        Pair,
        State,
        Protection,
        LocalIsn,
        RemoteIsn,
        _send.Sne,
        (uint)_send.Mark,
        _receive.Sne,
        (uint)_receive.Mark,
        CurrentKey?.SendId,
        RNextKey?.RecvId,
        _peerKey?.RecvId);

    /// <summary>
    /// Whether something changed since the last call that a restart would need. Sequence numbers count in steps of 2^28, far below the 2^31 that an SNE
    /// bears.
    /// </summary>
    internal bool TakeNews()
    {
        var now = new News(
            ((ulong)(LocalIsn ?? 0) << 32) | (RemoteIsn ?? 0),
            ((ulong)_send.Sne << 32) | _receive.Sne,
            ((uint)(_send.Mark >> MarkStep) & 0xF) | (((uint)(_receive.Mark >> MarkStep) & 0xF) << 4),
            (ushort)((byte)State | ((byte)Protection << 8)),
            (short)(CurrentKey?.SendId ?? None),
            (short)(RNextKey?.RecvId ?? None),
            (short)(_peerKey?.RecvId ?? None),
            LocalIsn is not null,
            RemoteIsn is not null);
        if (now == _kept)
        {
            return false;
        }

        _kept = now;
        return true;
    }

    /// <summary>Our SYN: a new connection begins on this socket pair.</summary>
    internal void BeginActive(uint localIsn)
    {
        Reset();
        LocalIsn = localIsn;
        _send = new SequenceNumberExtension(localIsn);
        State = ConnectionState.SynSent;
    }

    /// <summary>A SYN of the peer on a pair without a connection: the stack may answer it.</summary>
    internal void BeginPassive()
    {
        Reset();
        State = ConnectionState.SynReceived;
    }

    /// <summary>Our SYN-ACK: it tells both ISNs of the connection that our stack has now.</summary>
    internal void TakeIsns(uint localIsn, uint remoteIsn)
    {
        if (LocalIsn == localIsn && RemoteIsn == remoteIsn)
        {
            return;
        }

        Reset();
        LocalIsn = localIsn;
        RemoteIsn = remoteIsn;
        _send = new SequenceNumberExtension(localIsn);
        _receive = new SequenceNumberExtension(remoteIsn);
        State = ConnectionState.SynReceived;
    }

    /// <summary>The peer's SYN-ACK, verified: it tells the ISN that we did not know.</summary>
    internal void TakeRemoteIsn(uint remoteIsn)
    {
        ForgetTrafficKeys();
        RemoteIsn = remoteIsn;
        _receive = new SequenceNumberExtension(remoteIsn);
    }

    internal ulong ExtendSend(uint sequence) => _send.Extend(sequence);

    internal ulong ExtendReceive(uint sequence) => _receive.Extend(sequence);

    /// <summary>Whether we may have sent a sequence number lately: within the largest window there is in practice, 16 MiB.</summary>
    internal bool MayHaveSent(uint sequence) => HasBothIsns && _send.Mark - _send.Extend(sequence) < 1 << 24;

    internal bool AdvanceSend(ulong extended) => _send.Advance(extended);

    internal bool AdvanceReceive(ulong extended) => _receive.Advance(extended);

    /// <summary>
    /// A segment of our stack. Data and the acknowledgement of more than a SYN come from a socket; before there is one, while the handshake
    /// waits for its last ACK, a stack answers with resets and bare acknowledgements alone.
    /// </summary>
    internal void NoteSent(in TcpPacket packet)
    {
        // whose program has closed the socket is answered with resets, and Linux without TCP-AO sends none to a segment that has the option
        _hasSentEnd |= (packet.Flags & (TcpFlags.Fin | TcpFlags.Rst)) != TcpFlags.None;
        _hasShownSocket |= !_hasSentEnd && (packet.Flags & TcpFlags.Syn) == TcpFlags.None && (packet.SegmentSequenceLength > 0 || packet.Acknowledgment != RemoteIsn + 1);
    }

    internal void NoteReceived(byte keyId, byte rnextKeyId)
    {
        LastKeyId = keyId;
        LastRNextKeyId = rnextKeyId;
        NotePeerKey(keyId);
    }

    /// <summary>Erases what is secret.</summary>
    internal void Erase() => ForgetTrafficKeys();

    /// <summary>Continues a saved connection.</summary>
    internal void Load(in SavedConnection saved)
    {
        Reset();
        State = saved.State;
        Protection = saved.Protection;
        LocalIsn = saved.LocalIsn;
        RemoteIsn = saved.RemoteIsn;
        _send = new SequenceNumberExtension(saved.SendSne, saved.SendSequence);
        _receive = new SequenceNumberExtension(saved.ReceiveSne, saved.ReceiveSequence);
        LoadKeys(saved);
    }

    private void Reset()
    {
        ForgetTrafficKeys();
        LocalIsn = null;
        RemoteIsn = null;
        LastKeyId = null;
        LastRNextKeyId = null;
        ForgetPending();
        Protection = Protection.Undecided;
        _hasShownSocket = false;
        _hasSentEnd = false;
        _send = default;
        _receive = default;
    }

    /// <summary>All that a restart needs, in little.</summary>
    private readonly record struct News(
        ulong Isns, ulong Snes, uint Marks, ushort State, short CurrentSendId, short RNextRecvId, short PeerRecvId, bool HasLocalIsn, bool HasRemoteIsn);
}
