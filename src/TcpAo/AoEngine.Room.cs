// what an outbound segment gives up so that the option fits into its header, and its packet onto the path.

using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Wire;

namespace TcpAo;

public sealed partial class AoEngine
{
    /// <summary>Takes out what a signed connection does without, and says so where it was asked for.</summary>
    private DropReason GiveUpOptions(Span<byte> buffer, ref int length, ref TcpPacket packet, in SocketPair pair, AoConnection? connection)
    {
        if (!GivenUpOptions.IsIn(packet.Options))
        {
            return DropReason.None;
        }

        DropReason reason = GivenUpOptions.Remove(buffer, ref length, out bool hadMultipath, out bool hadFastOpen);
        TcpPacket.TryParse(buffer[..length], out packet);
        if (hadMultipath)
        {
            Report(AoEventKind.MultipathGivenUp, pair, connection, packet);
        }

        if (hadFastOpen)
        {
            Report(AoEventKind.FastOpenGivenUp, pair, connection, packet);
        }

        return reason;
    }

    /// <summary>
    /// A verified SYN without its Fast Open cookie and its data. A recorded SYN verifies again whenever it is sent again; what a stack took from it before the
    /// handshake is over would be taken each time. The peer sends the data again when it sees them not acknowledged (RFC 7413 section 4.1).
    /// </summary>
    private static void HoldSynData(Span<byte> buffer, ref int length)
    {
        if (TcpPacket.TryParse(buffer[..length], out TcpPacket packet) != DropReason.None)
        {
            return;
        }

        if (packet.Payload.Length > 0)
        {
            SegmentCutter.Truncate(buffer, ref length, 0);
        }

        if (GivenUpOptions.IsIn(packet.Options))
        {
            GivenUpOptions.Remove(buffer, ref length, out _, out _);
        }
    }

    /// <summary>
    /// Remembers the MTU of a path where the error quotes what a signed connection may have sent: stacks do not go below 1280 bytes for IPv6, or their own least for
    /// IPv4, and then send what no longer fits with the option.
    /// </summary>
    private void NotePathMtu(ReadOnlySpan<byte> bytes, in IcmpError error, in SegmentContext context)
    {
        var pair = new SocketPair(error.QuotedSource, error.QuotedDestination, error.QuotedSourcePort, error.QuotedDestinationPort, context.ScopeOf(error.QuotedDestination));
        uint mtu = OptionRoom.ReadMtu(bytes, error);
        if (mtu > 0
            && error.QuotedSequence is { } sequence
            && _connections.TryFind(pair, out AoConnection? connection)
            && connection.Protection != Protection.Unsigned
            && connection.MayHaveSent(sequence))
        {
            _pathMtus.Note(pair, mtu, context.Time.Monotonic);
        }
    }

    /// <summary>Cuts a segment in two that would be too long for its path with an option of this length; a SYN gives up data instead, which wait.</summary>
    /// <returns>Length of the second part at the end of the buffer; 0 where it stays one.</returns>
    private int CutToPath(Span<byte> buffer, ref int length, in TcpPacket packet, in SocketPair pair, int optionLength, in SegmentContext context)
    {
        int limit = _pathMtus.Of(pair, context.Time.Monotonic);
        if (context.RouteMtu > 0)
        {
            limit = Math.Min(limit, context.RouteMtu);
        }

        int payload = packet.Payload.Length;
        if (length + optionLength <= limit || payload == 0 || (packet.Flags & TcpFlags.Rst) != TcpFlags.None)
        {
            return 0;
        }

        int fits = limit - optionLength - packet.PayloadOffset;
        if (fits < LeastPayload)
        {
            return 0;
        }

        if ((packet.Flags & TcpFlags.Syn) != TcpFlags.None)
        {
            SegmentCutter.Truncate(buffer, ref length, fits);
            return 0;
        }

        // equal parts, for a path that is narrower still
        return SegmentCutter.Split(buffer, ref length, Math.Min((payload + 1) / 2, fits), optionLength);
    }
}
