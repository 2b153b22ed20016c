using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>A stack without TCP-AO skips the option on a socket, and may refuse it while the handshake is not over: verified segments are stripped until then.</summary>
public sealed class SkippedOptionTests
{
    private static readonly AoEngineOptions s_options = new() { StripVerified = true, StackSkipsOption = true };

    private readonly KeyBoth _key = KeyBoth.Of();

    [Fact]
    public void Segments_UntilTheStackAcknowledgesData_AreStripped()
    {
        Duo duo = Open();

        // the stack may have ignored the last ACK, and still wait for one: an acknowledgement of the SYN alone does not tell
        AssertStripped(duo, duo.FromClient(0, 10));
        duo.Server.SendSigned(duo.FromServer(0, 0));
        AssertStripped(duo, duo.FromClient(10, 10));
        duo.Server.SendSigned(duo.FromServer(0, 0) with { Acknowledgment = duo.ClientIsn + 21 });
        AssertKept(duo, duo.FromClient(20, 10));
    }

    [Theory]
    [InlineData(10, TcpFlags.Ack)]
    [InlineData(0, TcpFlags.Ack | TcpFlags.Fin)]
    public void Segments_OnceTheStackSendsWhatNeedsASocket_KeepTheOption(int bytes, TcpFlags flags)
    {
        Duo duo = Open();
        duo.Server.SendSigned(duo.FromServer(0, bytes, flags));
        AssertKept(duo, duo.FromClient(0, 10));
    }

    [Fact]
    public void Segments_AfterAReset_AreStillStripped()
    {
        Duo duo = Open();
        duo.Server.SendSigned(duo.FromServer(0, 0, TcpFlags.Rst | TcpFlags.Ack));
        AssertStripped(duo, duo.FromClient(0, 10));
    }

    [Fact]
    public void Segments_OfTheNextConnectionOfThePair_AreStrippedAgain()
    {
        Duo duo = Open();
        duo.Server.SendSigned(duo.FromServer(0, 10));
        AssertKept(duo, duo.FromClient(0, 10));
        duo.ClientIsn += 100_000;
        duo.ServerIsn += 200_000;
        Handshake(duo);
        AssertStripped(duo, duo.FromClient(0, 10));
    }

    [Fact]
    public void Segments_AfterARestart_AreStrippedUntilTheStackShowsItsSocket()
    {
        Duo duo = Open();
        duo.Server.SendSigned(duo.FromServer(0, 10));
        duo.Server.Restart();
        AssertStripped(duo, duo.FromClient(0, 10));
        duo.Server.SendSigned(duo.FromServer(10, 10));
        AssertKept(duo, duo.FromClient(10, 10));
    }

    private Duo Open()
    {
        SocketPair pair = Duo.IPv4;
        var duo = new Duo(new EngineEnd(pair, TestSource.Of(_key.Client)), new EngineEnd(pair.Reversed, TestSource.Of(_key.Server), s_options));
        Handshake(duo);
        return duo;
    }

    private static void Handshake(Duo duo)
    {
        AssertStripped(duo, duo.Syn);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        AssertStripped(duo, duo.FinalAck);
    }

    private static void AssertStripped(Duo duo, TestSegment segment) => Assert.Equal(AoVerdict.Rewrite, duo.Server.Receive(duo.Client.SendSigned(segment)).Verdict);

    private static void AssertKept(Duo duo, TestSegment segment) => duo.Server.MustTake(duo.Client.SendSigned(segment));
}
