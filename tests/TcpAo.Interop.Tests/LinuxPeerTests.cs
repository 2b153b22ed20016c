using System.Net.Sockets;
using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary><c>tcpao run</c> and Linux's own TCP-AO understand each other, or refuse each other and tell why.</summary>
public sealed class LinuxPeerTests(LinuxPeer peer) : IClassFixture<LinuxPeer>
{
    private const int Length = 100_000;
    private const int Rounds = 3;

    public static TheoryData<string> Echoed => [.. KeyCases.Echoed];

    [Theory]
    [MemberData(nameof(Echoed))]
    public void Echo_OverEachKindOfKey_ArrivesWholeAndVerified(string name)
    {
        peer.Begin();
        KeyCase one = KeyCases.Named(name);
        int from = peer.Log.Count;
        AoReport report = peer.Verified(one, Length, () => one.WeConnect ? EchoAsClient(one) : EchoAsServer(one, one.EndsWithReset ? "-x rst" : "-x fin", Length));
        Assert.Equal(
            (one.WeConnect, one.EndsWithReset) switch { (true, true) => "Connection reset by peer", (true, false) => "eof", (false, true) => "rst", (false, false) => "fin" },
            report.End);
        peer.Log.WaitFor("protected, key id", from);
    }

    [Theory]
    [InlineData(KeyCases.Rollover4)]
    [InlineData(KeyCases.Rollover6)]
    public void RNextKey_MovedByLinux_MovesTheKeyThatWeSignWith(string name)
    {
        peer.Begin();
        KeyCase one = KeyCases.Named(name);
        int from = peer.Log.Count;
        AoReport report = peer.Verified(one, Rounds * Length, () => EchoAsServer(one, $"-R {Rounds} -r 3", Rounds * Length));
        Assert.Equal(3, report.RNext);
        peer.Log.WaitFor("signs with key id 3 now", from);
    }

    [Theory]
    [InlineData(KeyCases.WrongSecret)]
    [InlineData(KeyCases.WrongId)]
    public void Connection_ToLinuxWithAnotherKey_IsRefusedThere(string name)
    {
        peer.Begin();
        KeyCase one = KeyCases.Named(name);
        Guest.GuestProgram server = peer.Guest.Start(one.ServerCommand(), one.Port);
        bool isSecret = string.Equals(name, KeyCases.WrongSecret, StringComparison.Ordinal);
        Socket socket = peer.BeginConnect(one, out Task connect);
        try
        {
            AoCounters counted = peer.CountedOnce(counted => isSecret ? counted.Bad > 0 : counted.KeyNotFound > 0);
            Assert.Equal((0, 0), (isSecret ? counted.KeyNotFound : counted.Bad, counted.Required));
            Assert.False(connect.IsCompletedSuccessfully);
            peer.AssertWireValid(one);
        }
        finally
        {
            socket.Dispose();
        }

        Assert.Throws<AggregateException>(() => connect.Wait(Lines.Milliseconds, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("{", server.Kill(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeyCases.WrongSecretAsServer, "refused: the MAC under key id 2 does not match")]
    [InlineData(KeyCases.WrongIdAsServer, "refused: unknown key id 12, we have 2")]
    public void Connection_FromLinuxWithAnotherKey_IsRefusedAndTheLogTellsWhy(string name, string sentence)
    {
        peer.Begin();
        KeyCase one = KeyCases.Named(name);
        int from = peer.Log.Count;
        using Socket listener = peer.Listen(one);
        Guest.GuestProgram client = peer.Guest.Start(one.ClientCommand());
        peer.Log.WaitFor(sentence, from);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
        Assert.DoesNotContain("{", client.Kill(), StringComparison.Ordinal);
        AoCounters counted = peer.Counted();
        Assert.Equal((0, 0, 0), (counted.Bad, counted.KeyNotFound, counted.Required));
        Assert.All(peer.Wire(one), report => Assert.Equal(one.GuestAddress.ToString(), report.Source?.Address.ToString()));
    }

    private AoReport EchoAsClient(KeyCase one)
    {
        Guest.GuestProgram server = peer.Guest.Start(one.ServerCommand(), one.Port);
        using (Socket socket = peer.Connect(one))
        {
            Echo.Exchange(socket, Echo.RandomBytes(Length, one.Port));
            if (one.EndsWithReset)
            {
                socket.LingerState = new LingerOption(enable: true, 0);
            }
            else
            {
                Echo.End(socket);
            }
        }

        return AoReport.Parse(server.WaitForEnd());
    }

    /// <summary>The peer's program compares what it gets back with what it sent.</summary>
    private AoReport EchoAsServer(KeyCase one, string more, long length)
    {
        using Socket listener = peer.Listen(one);
        Guest.GuestProgram client = peer.Guest.Start(one.ClientCommand($"-s {Length} {more}"));
        using Socket accepted = LinuxPeer.Accept(listener);
        byte[] buffer = new byte[Length];
        long got = 0;
        bool isReset = false;
        try
        {
            for (int received; (received = accepted.Receive(buffer)) > 0; got += received)
            {
                Echo.SendAll(accepted, buffer.AsSpan(0, received));
            }
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            isReset = true;
        }

        Assert.Equal((length, one.EndsWithReset), (got, isReset));
        accepted.Dispose();
        return AoReport.Parse(client.WaitForEnd());
    }
}
