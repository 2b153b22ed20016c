using TcpAo.Connections;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// Which captured connections have TCP-AO segments anywhere: what the verifier must know ahead to tell an unsigned segment of a signed
/// connection from a segment that has nothing to do with TCP-AO. Filled by one pass over the capture before or beside the verifying one.
/// </summary>
public sealed class SignedConnections
{
    private const int MaxConnections = 400_000;

    private readonly Dictionary<SocketPair, Track> _tracks = [];

    /// <summary>Whether there were more connections than are kept; then <see cref="Contains"/> says no for the ones beyond.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Notes one packet.</summary>
    /// <param name="frame">Number of the frame, rising.</param>
    /// <param name="packet">A packet whose ports could be read.</param>
    public void Observe(long frame, in TcpPacket packet)
    {
        SocketPair pair = CapturedConnection.NormalizedPair(packet, out bool fromFirst);
        if (!_tracks.TryGetValue(pair, out Track? track))
        {
            if (_tracks.Count >= MaxConnections)
            {
                IsIncomplete = true;
                return;
            }

            _tracks[pair] = track = new Track();
        }

        track.Observe(frame, packet, fromFirst);
    }

    /// <summary>Whether the connection that <paramref name="frame"/> belongs to has TCP-AO segments.</summary>
    internal bool Contains(in SocketPair normalizedPair, long frame) => _tracks.TryGetValue(normalizedPair, out Track? track) && track.IsSigned(frame);

    /// <summary>
    /// The lives of one socket pair. A SYN begins a new one once the other end has answered it: a stray SYN does not.
    /// </summary>
    private sealed class Track
    {
        private readonly List<(long Start, bool Signed)> _lives = [(0, false)];
        private Syn? _synOfFirst;
        private Syn? _synOfSecond;
        private ulong? _isns;

        public void Observe(long frame, in TcpPacket packet, bool fromFirst)
        {
            switch (packet.Flags & (TcpFlags.Syn | TcpFlags.Ack))
            {
                case TcpFlags.Syn:
                    ObserveSyn(frame, packet, ref fromFirst ? ref _synOfFirst : ref _synOfSecond);
                    return;
                case TcpFlags.Syn | TcpFlags.Ack:
                    ObserveAnswer(packet, fromFirst, fromFirst ? _synOfSecond : _synOfFirst);
                    break;
                default:
                    break;
            }

            if (packet.HasAo)
            {
                MarkSigned(_lives.Count - 1);
            }
        }

        public bool IsSigned(long frame)
        {
            int life = _lives.Count - 1;
            while (life > 0 && _lives[life].Start > frame)
            {
                life--;
            }

            // a SYN without an answer belongs to the last life
            return _lives[life].Signed || (life == _lives.Count - 1 && (_synOfFirst?.Signed == true || _synOfSecond?.Signed == true));
        }

        private static void ObserveSyn(long frame, in TcpPacket packet, ref Syn? syn)
        {
            bool again = syn?.Isn == packet.Sequence;
            syn = new Syn(again ? syn!.Value.Frame : frame, packet.Sequence, packet.HasAo || (again && syn!.Value.Signed));
        }

        private void ObserveAnswer(in TcpPacket packet, bool fromFirst, Syn? answered)
        {
            uint other = packet.Acknowledgment - 1;
            if (answered is not { } syn || syn.Isn != other)
            {
                return;
            }

            ulong isns = fromFirst ? ((ulong)packet.Sequence << 32) | other : ((ulong)other << 32) | packet.Sequence;
            if (_isns is not null && _isns != isns)
            {
                _lives.Add((syn.Frame, false));
            }

            _isns = isns;
            if (syn.Signed)
            {
                MarkSigned(_lives.Count - 1);
            }

            _synOfFirst = null;
            _synOfSecond = null;
        }

        private void MarkSigned(int life) => _lives[life] = (_lives[life].Start, true);

        private readonly record struct Syn(long Frame, uint Isn, bool Signed);
    }
}
