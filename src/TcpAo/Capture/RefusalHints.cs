using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// Says why a live segment was refused, and what would mend it: the searches that <see cref="CaptureVerifier"/> makes in a capture, for one segment of a
/// connection that an <see cref="AoEngine"/> knows. A search may take a second; it is no work for the thread that decides segments. One thread at a time.
/// </summary>
/// <param name="configuration">All keys that there are: the peer may have taken another one.</param>
public sealed class RefusalHints(CaptureKeys configuration)
{
    // a NAT that changes ports is found by trying all of them
    private const int PortSearches = 2;

    private readonly HintFinder _finder = new(configuration);

    /// <summary>Searches for the cause.</summary>
    /// <param name="packet">The packet as it was refused.</param>
    /// <param name="refused">What the engine knew of it.</param>
    /// <returns>The cause, or null where none is found.</returns>
    public MismatchHint? Explain(ReadOnlySpan<byte> packet, RefusedSegment refused)
    {
        ArgumentNullException.ThrowIfNull(refused);
        DropReason unreadable = TcpPacket.TryParse(packet, out TcpPacket segment);
        return refused.Reason switch
        {
            _ when unreadable != DropReason.None => null,
            DropReason.AoRequired => Unsigned(segment, refused),
            DropReason.MacMismatch or DropReason.MacLengthMismatch or DropReason.KeyNotFound => FindKey(segment, refused) ?? Plain(segment, refused),
            _ => Plain(segment, refused),
        };
    }

    private static MismatchHint Unsigned(in TcpPacket segment, RefusedSegment refused)
    {
        const TcpFlags Syn = TcpFlags.Syn;
        return refused switch
        {
            { State: ConnectionState.SynSent } when (segment.Flags & TcpFlags.Rst) != TcpFlags.None =>
                new("port-closed", "the port is closed there, or the peer has no TCP-AO: its reset is not signed"),
            { IsProtected: true } =>
                new("unsigned-on-protected", "the connection is signed and this segment is not: it is forged, or the peer has lost its keys"),
            _ when (segment.Flags & Syn) == Syn =>
                new("peer-unsigned", "the peer does not sign at all: it has no TCP-AO, or no key for this host"),
            _ => new("unsigned-connection", "the connection began without protection: restart the session"),
        };
    }

    /// <summary>What can be said without a search.</summary>
    private static MismatchHint? Plain(in TcpPacket segment, RefusedSegment refused) => refused.Reason switch
    {
        DropReason.KeyNotFound => new("unknown-key-id", $"unknown key id {segment.KeyId}, we have {Ids(refused.Keys)}: each end's send-id must be the other end's recv-id"),
        DropReason.MacLengthMismatch => new("mac-length", $"the sender's MAC has {segment.MacLength} bytes, the key says {refused.Keys.FindByRecvId(segment.KeyId)?.MacLength}: compare mac-length and secret"),
        DropReason.KeyNotAccepted => new("key-lifetime", $"key id {segment.KeyId} is not accepted at this time: its accept-lifetime is over or has not begun, or a clock is wrong"),
        DropReason.IsnUnknown => new("isn-unknown", "the connection began before its keys were here: restart the session"),
        DropReason.AoUnexpected => new("peer-signs", "the connection began without protection and the peer signs: restart the session"),
        DropReason.Md5Unexpected => new("peer-uses-md5", "the peer uses TCP MD5, we have TCP-AO for it"),
        DropReason.Md5Required => new("peer-without-md5", "the peer does not use TCP MD5"),
        DropReason.NoSendKey => new("no-send-key", "no key may sign at this time: all send-lifetimes are over or have not begun"),
        DropReason.OptionSpace => new("option-space", "the TCP options of this segment leave no room for TCP-AO: switch off Fast Open or MPTCP, or use a shorter MAC"),
        _ => null,
    };

    private MismatchHint? FindKey(in TcpPacket segment, RefusedSegment refused)
    {
        if (!segment.HasAo || refused.Policy.IsMd5 || !TryFindIsns(segment, refused, out uint remoteIsn, out uint localIsn))
        {
            return null;
        }

        _finder.PortSearches = PortSearches;
        bool isHandshake = (segment.Flags & TcpFlags.Syn) != TcpFlags.None;
        return _finder.Find(
            segment,
            refused.Keys.FindByRecvId(segment.KeyId),
            refused.Keys.FindBySendId(segment.KeyId),
            SegmentFlow.Inbound(refused.Pair, refused.Policy.Nat),
            remoteIsn,
            localIsn,
            isHandshake ? 0 : refused.ReceiveSne,
            mayBeNat: !refused.IsProtected)?.Hint;
    }

    private static bool TryFindIsns(in TcpPacket segment, RefusedSegment refused, out uint remoteIsn, out uint localIsn)
    {
        remoteIsn = segment.Sequence;
        localIsn = 0;
        TcpFlags kind = segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst);
        switch (kind)
        {
            case TcpFlags.Syn:
                return true;
            case TcpFlags.Syn | TcpFlags.Ack:
                localIsn = refused.LocalIsn ?? (segment.Acknowledgment - 1);
                return true;
            case TcpFlags.Ack when refused.LocalIsn is null || refused.RemoteIsn is null:
                // the ACK that ends the handshake names both, each one less (R-132)
                remoteIsn = segment.Sequence - 1;
                localIsn = segment.Acknowledgment - 1;
                return true;
            default:
                remoteIsn = refused.RemoteIsn.GetValueOrDefault();
                localIsn = refused.LocalIsn.GetValueOrDefault();
                return refused.LocalIsn is not null && refused.RemoteIsn is not null;
        }
    }

    private static string Ids(KeyRing keys)
    {
        string[] ids = [.. keys.Keys.Where(key => !key.Algorithm.IsTcpMd5).Select(key => key.RecvId.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return ids.Length switch
        {
            0 => "none",
            1 => ids[0],
            _ => $"{string.Join(", ", ids[..^1])} and {ids[^1]}",
        };
    }
}
