using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>Connections at sequence numbers of one's choice.</summary>
public sealed class TcpRepairTests
{
    private const int Port = 5925;
    private const uint Isn = 0xFFFFFFF0;

    [Fact]
    public void Connection_ChosenAndMoved_IsWhereItWasPut()
    {
        var seen = new List<uint>();
        using var hosts = new LinkedHosts(filter: (frame, isFromFirst) =>
        {
            if (isFromFirst && TcpPacket.TryParse(frame[14..], out TcpPacket packet) == DropReason.None && (packet.Payload.Length > 0 || packet.Flags == TcpFlags.Syn))
            {
                lock (seen)
                {
                    seen.Add(packet.Sequence);
                }
            }

            return true;
        });
        using Socket listener = hosts.B.Listen(TwoHosts.B4, Port);
        Socket a = hosts.A.Tcp(AddressFamily.InterNetwork);
        TcpRepair.SetInitialSequence(a, Isn);
        a.Connect(listener.LocalEndPoint!);
        Socket b = Transfer.Accept(listener);
        EndPoint atB = listener.LocalEndPoint!;
        listener.Dispose();
        Exchange(a, b);
        Support.Wait.Until(() => TcpRepair.UnacknowledgedBy(a) == 0 && TcpRepair.UnacknowledgedBy(b) == 0, "all was acknowledged");
        Assert.Equal(TcpState.Established, TcpRepair.StateOf(a));

        // half the space further, both ends at once
        EndPoint atA = a.LocalEndPoint!;
        const uint Moved = 0x70000000;
        uint ofB = 5;
        TcpRepair.Freeze(a);
        TcpRepair.Freeze(b);
        a.Dispose();
        b.Dispose();
        using Socket newA = hosts.A.Tcp(AddressFamily.InterNetwork);
        using Socket newB = hosts.B.Tcp(AddressFamily.InterNetwork);
        TcpRepair.Restore(newA, atA, atB, Moved, ofB);
        TcpRepair.Restore(newB, atB, atA, ofB, Moved);
        TcpRepair.Thaw(newA);
        TcpRepair.Thaw(newB);
        Exchange(newA, newB);
        Exchange(newB, newA);
        lock (seen)
        {
            Assert.Equal([Isn, unchecked(Isn + 1), Moved], seen.Distinct().Take(3));
        }
    }

    private static void Exchange(Socket from, Socket to)
    {
        byte[] got = new byte[16];
        Assert.Equal(3, from.Send("abc"u8));
        Assert.Equal(3, to.Receive(got));
    }
}
