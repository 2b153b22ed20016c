// RFC 5925 section 7.8: ICMP errors that would end a protected connection.

using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

public sealed partial class AoEngine
{
    /// <summary>
    /// Ignores ICMP hard errors for synchronized connections with TCP-AO, unless their policy accepts them. Connections that are
    /// still being opened get them, as on Linux.
    /// </summary>
    private AoDecision ProcessIcmp(Span<byte> bytes, in SegmentContext context)
    {
        if (!IcmpError.TryParse(bytes, out IcmpError error))
        {
            return AoDecision.Pass;
        }

        if (error.IsTooBig && _options.ReserveOptionSpace)
        {
            // A stack keeps the MTU for an address, so it counts for all connections with it, whichever one is quoted. Without it no large
            // segment would arrive; Linux ignores the IPv4 form.
            NotePathMtu(bytes, error, context);
            return OptionRoom.LowerMtu(bytes, error, MaxGrowth) ? AoDecision.Rewrite(bytes.Length) : AoDecision.Pass;
        }

        if (!error.IsHard)
        {
            return AoDecision.Pass;
        }

        // the error quotes a segment of ours
        var pair = new SocketPair(error.QuotedSource, error.QuotedDestination, error.QuotedSourcePort, error.QuotedDestinationPort, context.ScopeOf(error.QuotedDestination));
        if (!_connections.TryFind(pair, out AoConnection? connection))
        {
            return _options.RefuseIcmpOfUnknown && _keys.Find(pair) is { IsMd5: false, AcceptIcmps: false } policy
                ? Refuse(default, pair, null, policy, DropReason.IcmpIgnored)
                : AoDecision.Pass;
        }

        if (connection.Protection == Protection.Unsigned
            || connection.State is ConnectionState.SynSent or ConnectionState.SynReceived
            || connection.Policy.AcceptIcmps)
        {
            return AoDecision.Pass;
        }

        // in monitor mode it passes
        AoDecision refused = Refuse(default, pair, connection, connection.Policy, DropReason.IcmpIgnored);
        return _options.ShowIgnoredIcmp && refused.Verdict == AoVerdict.Drop && IcmpError.MoveQuoteOutOfWindow(bytes, error)
            ? AoDecision.Rewrite(bytes.Length) with { Reason = refused.Reason }
            : refused;
    }
}
