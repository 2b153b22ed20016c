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
}
