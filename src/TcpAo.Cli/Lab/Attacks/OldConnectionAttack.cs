using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>
/// The RST that ended an earlier connection, sent again, as it was and signed as it was, into a later one between the same ports. Initial sequence numbers
/// are chosen so that it fits: by chance that takes longer.
/// </summary>
internal sealed class OldConnectionAttack : IAttack
{
    private const int PortOfA = 20179;
    private const uint Isn = 0x20000000;
    private const int First = 1000;
    private const int Shift = 500;

    public string Name => "replay from an earlier connection";

    public string Run(AttackStage stage)
    {
        IPEndPoint local = new(stage.Network.A.V4, PortOfA);
        LabSession first = stage.Open(socket => Begin(socket, local, Isn), First);
        first.A.LingerState = new LingerOption(enable: true, seconds: 0);
        first.A.Dispose();
        LabSegment reset = stage.Network.Tap.WaitFor(segment => segment.SourcePort == PortOfA && segment.Is(TcpFlags.Rst), "A has reset its first connection");
        LabWait.Until(() => TcpRepair.StateOf(first.B) == TcpState.Closed, "B's first connection is reset");
        first.Dispose();

        using LabSession second = stage.Open(socket => Begin(socket, local, Isn - Shift), First + Shift);
        if (reset.Sequence != stage.Next(second, isFromA: true))
        {
            throw new LabFailureException("the second connection is not where the old RST fits");
        }

        stage.Inject(reset.Frame, isToA: false);
        return stage.Await(second, isOfA: false, () => TcpRepair.StateOf(second.B) == TcpState.Closed, "the later connection was reset", "does not match");
    }

    private static void Begin(Socket socket, IPEndPoint local, uint isn)
    {
        TcpRepair.SetInitialSequence(socket, isn);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, 1);
        socket.Bind(local);
    }
}
