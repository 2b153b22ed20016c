using System.Buffers.Binary;
using TcpAo.Connections;
using TcpAo.Wire;

namespace TcpAo.Tests.Simulation;

/// <summary>
/// A small honest TCP (RFC 9293 without congestion control, windows and selective acknowledgment): handshake from either or both ends, MSS,
/// cumulative acknowledgment, go-back-N retransmission, FIN or RST. It knows nothing of TCP-AO. Offsets count from the ISN in 64 bits.
/// </summary>
internal sealed class ModelTcp(SocketPair pair, uint isn, int bytesToSend, Action<byte[]> emit)
{
    public const int Mss = 40;
    private const int WindowSegments = 6;
    private const long RetransmitAfter = 120;
    private const int MaxRetries = 10;

    private ulong _una;
    private ulong _next;
    private uint _peerIsn;
    private ulong _received;
    private bool _hasPeerFin;
    private int _retries;
    private byte _salt;

    public enum Stage
    {
        Listen,
        SynSent,
        SynReceived,
        Established,
        Aborted,
    }

    public Stage State { get; private set; }

    /// <summary>When the retransmission timer fires; never while nothing is under way.</summary>
    public long TimerAt { get; private set; } = long.MaxValue;

    public int BytesReceived { get; private set; }

    /// <summary>How many bytes the peer is to send; the application closes when all are there and its own are acknowledged.</summary>
    public required int BytesExpected { get; init; }

    /// <summary>Ends with a reset in place of a FIN.</summary>
    public bool ResetsAtEnd { get; init; }

    public uint Isn => isn;

    /// <summary>Everything was sent and acknowledged, and everything of the peer arrived.</summary>
    public bool IsDone => State == Stage.Aborted || (_hasPeerFin && _una == FinOffset + 1);

    public string? Fault { get; private set; }

    private ulong FinOffset => 1 + (ulong)bytesToSend;

    /// <summary>What is acknowledged in the end.</summary>
    private ulong End => ResetsAtEnd ? FinOffset : FinOffset + 1;

    public static byte ByteAt(ulong offset, byte salt) => (byte)((offset * 167) ^ (offset >> 5) ^ salt);

    public void Begin(byte salt, bool opens, long now)
    {
        _salt = salt;
        if (opens)
        {
            State = Stage.SynSent;
            _next = 1;
            SendSyn(TcpFlags.Syn, now);
        }
    }

    public void OnTimer(long now)
    {
        switch (State)
        {
            case Stage.SynSent:
                SendSyn(TcpFlags.Syn, now);
                break;
            case Stage.SynReceived when ++_retries > MaxRetries:
                State = Stage.Listen;
                TimerAt = long.MaxValue;
                break;
            case Stage.SynReceived:
                SendSyn(TcpFlags.Syn | TcpFlags.Ack, now);
                break;
            case Stage.Established when _una < End:
                _next = _una;
                TimerAt = now;
                Push(now);
                break;
            default:
                TimerAt = long.MaxValue;
                break;
        }
    }

    public void OnPacket(ReadOnlySpan<byte> bytes, long now)
    {
        TcpPacket.TryParse(bytes, out TcpPacket packet);
        TcpFlags flags = packet.Flags;
        if ((flags & TcpFlags.Rst) != TcpFlags.None)
        {
            OnReset(packet);
            return;
        }

        switch (State)
        {
            case Stage.SynReceived when (flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn:
                if (packet.Sequence == _peerIsn)
                {
                    SendSyn(TcpFlags.Syn | TcpFlags.Ack, now);
                }

                break;
            case Stage.Listen or Stage.SynSent when (flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn:
                _retries = 0;
                _peerIsn = packet.Sequence;
                _received = 1;
                _next = 1;
                State = Stage.SynReceived;
                SendSyn(TcpFlags.Syn | TcpFlags.Ack, now);
                break;
            case Stage.SynSent when (flags & TcpFlags.Syn) != TcpFlags.None && packet.Acknowledgment == isn + 1:
                _peerIsn = packet.Sequence;
                _received = 1;
                Establish(now);
                SendAck();
                break;
            case Stage.SynReceived when packet.Acknowledgment - isn is >= 1 and <= int.MaxValue && (packet.Sequence - _peerIsn) <= int.MaxValue:
                Establish(now);
                OnEstablished(packet, now);
                break;
            case Stage.Established:
                OnEstablished(packet, now);
                break;
            case Stage.Aborted when packet.Payload.Length > 0 || (flags & TcpFlags.Fin) != TcpFlags.None:
                Emit(TcpFlags.Rst, _next, []);
                break;
            default:
                break;
        }
    }

    private void OnReset(in TcpPacket packet)
    {
        if (State == Stage.Established && packet.Sequence == _peerIsn + (uint)_received)
        {
            if (BytesReceived != BytesExpected)
            {
                Fault ??= "A reset before all bytes were there.";
            }

            State = Stage.Aborted;
            TimerAt = long.MaxValue;
        }
    }

    private void Establish(long now)
    {
        State = Stage.Established;
        _una = Math.Max(_una, 1);
        Push(now);
    }

    private void OnEstablished(in TcpPacket packet, long now)
    {
        if ((packet.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn)
        {
            SendAck(); // a challenge (RFC 5961)
            return;
        }

        // what is acknowledged, and what was never sent
        ulong acknowledged = _una + (ulong)(long)(int)(packet.Acknowledgment - (isn + (uint)_una));
        if (acknowledged > FinOffset + 1 && acknowledged < ulong.MaxValue / 2)
        {
            Fault ??= "An acknowledgment of bytes that were never sent.";
            return;
        }

        if ((packet.Flags & TcpFlags.Ack) != TcpFlags.None && acknowledged > _una && acknowledged < ulong.MaxValue / 2)
        {
            _una = acknowledged;
            _next = Math.Max(_next, _una);
            TimerAt = _una >= End ? long.MaxValue : now + RetransmitAfter;
        }

        bool takes = packet.SegmentSequenceLength > 0;
        if (packet.Sequence == _peerIsn + (uint)_received && takes)
        {
            foreach (byte value in packet.Payload)
            {
                if (value != ByteAt(_received, (byte)~_salt))
                {
                    Fault ??= $"Byte {_received} is not what was sent.";
                }

                _received++;
                BytesReceived++;
            }

            if ((packet.Flags & TcpFlags.Fin) != TcpFlags.None && !ResetsAtEnd)
            {
                _received++;
                _hasPeerFin = true;
            }
        }

        if (takes)
        {
            SendAck();
        }

        if (ResetsAtEnd && BytesReceived == BytesExpected && _una >= FinOffset)
        {
            State = Stage.Aborted;
            TimerAt = long.MaxValue;
            Emit(TcpFlags.Rst, _next, []);
            return;
        }

        Push(now);
    }

    private void Push(long now)
    {
        ulong limit = _una + (WindowSegments * Mss);
        while (_next < FinOffset && _next < limit)
        {
            int count = (int)Math.Min(Mss, FinOffset - _next);
            byte[] payload = new byte[count];
            for (int i = 0; i < count; i++)
            {
                payload[i] = ByteAt(_next + (ulong)i, _salt);
            }

            Emit(TcpFlags.Ack | TcpFlags.Psh, _next, payload);
            _next += (ulong)count;
            Arm(now);
        }

        if (_next == FinOffset && !ResetsAtEnd)
        {
            Emit(TcpFlags.Fin | TcpFlags.Ack, _next, []);
            _next++;
            Arm(now);
        }
    }

    private void Arm(long now)
    {
        if (TimerAt == long.MaxValue || TimerAt <= now)
        {
            TimerAt = now + RetransmitAfter;
        }
    }

    private void SendSyn(TcpFlags flags, long now)
    {
        TimerAt = now + RetransmitAfter;
        Emit(flags, 0, []);
    }

    private void SendAck() => Emit(TcpFlags.Ack, _next, []);

    private void Emit(TcpFlags flags, ulong offset, byte[] payload)
    {
        int ip = pair.Remote.IsIPv4 ? 20 : 40;
        byte[] options = (flags & TcpFlags.Syn) != TcpFlags.None ? [2, 4, 0, Mss] : [1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9];
        byte[] packet = new byte[ip + 20 + options.Length + payload.Length];
        WriteIp(packet, ip);
        Span<byte> tcp = packet.AsSpan(ip);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, pair.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], pair.RemotePort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], isn + (uint)offset);
        bool acks = (flags & TcpFlags.Ack) != TcpFlags.None;
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acks ? _peerIsn + (uint)_received : 0);
        tcp[12] = (byte)((20 + options.Length) / 4 << 4);
        tcp[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 1000);
        options.CopyTo(tcp[20..]);
        payload.CopyTo(tcp[(20 + options.Length)..]);
        emit(packet);
    }

    private void WriteIp(byte[] packet, int ip)
    {
        if (ip == 20)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[8] = 64;
            packet[9] = 6;
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), (uint)pair.Local.Low);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), (uint)pair.Remote.Low);
            return;
        }

        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
        packet[6] = 6;
        packet[7] = 64;
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(8), pair.Local.High);
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(16), pair.Local.Low);
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(24), pair.Remote.High);
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(32), pair.Remote.Low);
    }
}
