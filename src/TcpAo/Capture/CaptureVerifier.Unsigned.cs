// Segments without TCP-AO: harmless, or missing what their connection has.

using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

public sealed partial class CaptureVerifier
{
    private Judgement JudgeWithoutAo(in Segment segment, CapturedConnection connection)
    {
        if (JudgeMd5(segment, connection) is { } md5)
        {
            return md5;
        }

        if (connection.Peers.Count > 0)
        {
            bool isMd5 = connection.Peers.All(peer => peer.Keys.Keys.All(key => key.Algorithm.IsTcpMd5));
            return new Judgement(SegmentVerdict.Unsigned, isMd5 ? DropReason.Md5Required : DropReason.AoRequired);
        }

        return IsSigned(segment, connection, md5: false) ? new Judgement(SegmentVerdict.Unsigned, DropReason.AoRequired)
            : IsSigned(segment, connection, md5: true) ? new Judgement(SegmentVerdict.Unsigned, DropReason.Md5Required)
            : new Judgement(SegmentVerdict.NotTcpAo, DropReason.None);
    }

    /// <summary>Whether the connection of an unsigned segment has signed segments, before or after it; TCP MD5 counts where keys for it are configured.</summary>
    private bool IsSigned(in Segment segment, CapturedConnection connection, bool md5)
    {
        if (md5 && !_hasMd5Keys)
        {
            return false;
        }

        return LookAhead()?.Contains(connection.Pair, segment.Frame, md5) ?? (md5 ? connection.Md5Chain is not null : connection.Live is not null);
    }

    private SignedConnections? LookAhead()
    {
        if (!_lookedAhead)
        {
            _lookedAhead = true;
            _signed = _lookAhead?.Invoke();
        }

        return _signed;
    }
}
