using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>A session that cannot come up does not, and the log says why.</summary>
public sealed class RefusalTests
{
    private const string Secret = "right, and not to be told";

    [Fact]
    [Trait("Requirement", "R-061")]
    public void Syn_UnderAnotherSecret_IsNotAnsweredAndTheLogSaysSo()
    {
        using Lab lab = Different(new Key(1, 1, Secret: "wrong"), new Key(1, 1, Secret: Secret));
        AssertRefused(lab, "the MAC under key id 1 does not match");
        Assert.DoesNotContain(Secret, lab.RunB.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Syn_UnderAnUnknownKeyId_IsNotAnsweredAndTheLogSaysWhichAreKnown()
    {
        using Lab lab = Different(new Key(7, 2), new Key(1, 2));
        AssertRefused(lab, "unknown key id 7, we have 1");

        // and what is known is told after a reload too
        lab.RunB.Reload(Peering.Configuration([new Peering(Lab.Port, new Key(1, 2), new Key(3, 4))], Lab.A4, Lab.A6, isMirrored: true));
        (Socket socket, _) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        lab.RunB.WaitFor("unknown key id 7, we have 1 and 3");
        socket.Dispose();
    }

    [Fact]
    public void Syn_OfAPeerWithoutTcpao_IsNotAnsweredAndTheLogSaysSo()
    {
        using var lab = new Lab();
        lab.Configure(new Peering(Lab.Port, new Key(1, 2)));
        lab.RunB.StartAndWait();
        AssertRefused(lab, "does not sign");
    }

    [Fact]
    public void SynAck_OfAPeerWithoutTcpao_DoesNotConnectAndTheLogSaysSo()
    {
        using var lab = new Lab();
        lab.Configure(new Peering(Lab.Port, new Key(1, 2)));
        lab.RunA.StartAndWait();
        using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            lab.Tap.WaitFor(2, segment => segment.SourcePort == Lab.Port);
            lab.RunA.WaitFor("does not sign");
            Assert.False(connect.IsCompleted);
            Assert.DoesNotContain(lab.Tap.Segments, segment => segment.Source.Equals(Lab.A4) && !segment.HasAo);
        }
    }

    private static Lab Different(Key keyOfA, Key keyOfB)
    {
        var lab = new Lab();
        try
        {
            lab.RunA.Write(Peering.Configuration([new Peering(Lab.Port, keyOfA)], Lab.B4, Lab.B6, isMirrored: false));
            lab.RunB.Write(Peering.Configuration([new Peering(Lab.Port, keyOfB)], Lab.A4, Lab.A6, isMirrored: true));
            lab.Start();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>A's SYN, sent twice, has no answer; B's log names the cause.</summary>
    private static void AssertRefused(Lab lab, string cause)
    {
        using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.B4, Lab.Port);
        using (socket)
        {
            lab.RunB.WaitFor(cause);
            lab.Tap.WaitFor(2, segment => segment.DestinationPort == Lab.Port);
            lab.AssertUdpPasses();
            Assert.False(connect.IsCompleted);
            Assert.False(listener.Poll(0, SelectMode.SelectRead));
            Assert.DoesNotContain(lab.Tap.Segments, segment => segment.SourcePort == Lab.Port);
        }
    }
}
