using TcpAo.Connections;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// What the verifier must know ahead: which captured connections have TCP-AO segments anywhere, to tell an unsigned segment of a signed
/// connection from one that has nothing to do with TCP-AO; and, with keys, which handshakes verify, to judge what the capture has before
/// them. Filled by one pass over the capture before or beside the verifying one.
/// </summary>
public sealed class SignedConnections
{
    private const int MaxConnections = 400_000;
    private const int MaxHandshakes = 100_000;

    private readonly Dictionary<SocketPair, SignedTrack> _tracks = [];
    private readonly Dictionary<SocketPair, List<Handshake>> _handshakes = [];
    private readonly CaptureVerifier? _verifier;
    private int _handshakeCount;

    /// <summary>Creates an empty one.</summary>
    /// <param name="keys">The keys to verify handshakes with; null for no handshakes.</param>
    public SignedConnections(CaptureKeys? keys = null) => _verifier = keys is null ? null : new CaptureVerifier(keys) { FindsHints = false };

    /// <summary>Whether there were more connections than are kept; then the answer for the ones beyond is no.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Notes one packet.</summary>
    /// <param name="frame">Number of the frame, rising.</param>
    /// <param name="packet">A packet, parsed or refused: what breaks the rules makes no connection a signed one.</param>
    /// <param name="refused">Why it was refused, if it was.</param>
    public void Observe(long frame, in TcpPacket packet, DropReason refused)
    {
        if (!packet.HasPorts || refused is not (DropReason.None or DropReason.PacketTruncated))
        {
            return;
        }

        SocketPair pair = CapturedConnection.NormalizedPair(packet, out bool fromFirst);
        if (!_tracks.TryGetValue(pair, out SignedTrack? track))
        {
            if (_tracks.Count >= MaxConnections)
            {
                IsIncomplete = true;
                return;
            }

            _tracks[pair] = track = new SignedTrack();
        }

        bool mayOpen = track.Observe(frame, packet, fromFirst);
        if (mayOpen && packet.HasAo && _verifier is not null)
        {
            NoteHandshake(frame, packet, pair);
        }
    }

    /// <summary>Whether the connection that <paramref name="frame"/> belongs to has TCP-AO segments, or TCP MD5 ones.</summary>
    internal bool Contains(in SocketPair normalizedPair, long frame, bool md5) => _tracks.TryGetValue(normalizedPair, out SignedTrack? track) && track.IsSigned(frame, md5);

    /// <summary>The next handshake that verifies after <paramref name="frame"/>.</summary>
    internal bool TryFindHandshake(in SocketPair normalizedPair, long frame, out uint firstIsn, out uint secondIsn)
    {
        Handshake? next = _handshakes.TryGetValue(normalizedPair, out List<Handshake>? handshakes) ? handshakes.Find(h => h.Frame > frame) : null;
        (firstIsn, secondIsn) = (next?.FirstIsn ?? 0, next?.SecondIsn ?? 0);
        return next is not null;
    }

    private void NoteHandshake(long frame, in TcpPacket packet, in SocketPair pair)
    {
        if (!_verifier!.TryVerifyHandshake(frame, packet, pair, out uint firstIsn, out uint secondIsn) || _handshakeCount == MaxHandshakes)
        {
            return;
        }

        if (!_handshakes.TryGetValue(pair, out List<Handshake>? handshakes))
        {
            _handshakes[pair] = handshakes = [];
        }

        if (handshakes.Count == 0 || (handshakes[^1].FirstIsn, handshakes[^1].SecondIsn) != (firstIsn, secondIsn))
        {
            handshakes.Add(new Handshake(frame, firstIsn, secondIsn));
            _handshakeCount++;
        }
    }

    private sealed record Handshake(long Frame, uint FirstIsn, uint SecondIsn);
}
