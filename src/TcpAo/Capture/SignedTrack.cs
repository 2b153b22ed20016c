using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// The lives of one socket pair and which of them are signed. A SYN begins a new one once the other end has answered it, or its sender has
/// gone on: a stray SYN does not.
/// </summary>
internal sealed class SignedTrack
{
    private readonly List<Life> _lives = [new Life(0)];
    private readonly Syn?[] _pending = new Syn?[2];
    private readonly uint?[] _lastSyn = new uint?[2];
    private (uint First, uint Second)? _isns;
    private bool _hasSegments;

    /// <summary>Notes a packet.</summary>
    /// <returns>Whether it may belong to a handshake.</returns>
    public bool Observe(long frame, in TcpPacket packet, bool fromFirst)
    {
        int side = fromFirst ? 0 : 1;
        switch (packet.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst))
        {
            case TcpFlags.Syn:
                ObserveSyn(frame, packet, side);
                return true;
            case TcpFlags.Syn | TcpFlags.Ack:
                ObserveAnswer(packet, side);
                _lives[^1].Note(packet);
                _hasSegments = true;
                return true;
            default:
                bool mayOpen = (packet.Flags & (TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Ack && _lastSyn[side] == packet.Sequence - 1;
                if (mayOpen && _pending[side] is { } syn)
                {
                    // the SYN-ACK is missing, or does not fit
                    Start(syn, side, packet.Acknowledgment - 1);
                }

                _lives[^1].Note(packet);
                _hasSegments = true;
                return mayOpen;
        }
    }

    public bool IsSigned(long frame, bool md5)
    {
        int life = _lives.Count - 1;
        while (life > 0 && _lives[life].Start > frame)
        {
            life--;
        }

        // a SYN without an answer belongs to the last life
        return _lives[life].IsSigned(md5) || (life == _lives.Count - 1 && Array.Exists(_pending, syn => syn?.IsSigned(md5) == true));
    }

    private void ObserveSyn(long frame, in TcpPacket packet, int side)
    {
        Syn? before = _pending[side];
        bool again = before?.Isn == packet.Sequence;
        _lastSyn[side] = packet.Sequence;
        _pending[side] = new Syn(
            again ? before!.Value.Frame : frame, packet.Sequence, packet.HasAo || (again && before!.Value.Ao), packet.HasMd5 || (again && before!.Value.Md5));
    }

    private void ObserveAnswer(in TcpPacket packet, int side)
    {
        if (_pending[1 - side] is { } syn && syn.Isn == packet.Acknowledgment - 1)
        {
            Start(syn, 1 - side, packet.Sequence);
        }
    }

    private void Start(in Syn syn, int side, uint otherIsn)
    {
        (uint, uint) isns = side == 0 ? (syn.Isn, otherIsn) : (otherIsn, syn.Isn);
        if (_isns != isns && _hasSegments)
        {
            _lives.Add(new Life(syn.Frame));
        }

        _isns = isns;
        _lives[^1].Note(syn.Ao, syn.Md5);
        _pending[0] = null;
        _pending[1] = null;
    }

    private readonly record struct Syn(long Frame, uint Isn, bool Ao, bool Md5)
    {
        public bool IsSigned(bool md5) => md5 ? Md5 : Ao;
    }

    private sealed class Life(long start)
    {
        private bool _ao;
        private bool _md5;

        public long Start => start;

        public bool IsSigned(bool md5) => md5 ? _md5 : _ao;

        public void Note(in TcpPacket packet) => Note(packet.HasAo, packet.HasMd5);

        public void Note(bool ao, bool md5)
        {
            _ao |= ao;
            _md5 |= md5;
        }
    }
}
