using System.Net.Sockets;
using TcpAo.Linux.Sockets;
using static TcpAo.Linux.Tests.Sockets.Matrix.MatrixFailureException;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>Key chains on sockets: two managers, one at each end, and a clock that the row sets.</summary>
internal static class ManagerRows
{
    public static IEnumerable<MatrixRow> Of(Ends ends)
    {
        yield return Row("key chain: rollover", RollAsync);
        yield return Row("key chain: connected before the rollover, accepted after", RaceAsync);
        yield return Row("key chain: a peer that does not follow", StayAsync);
        yield return Row("key chain: a connection that came before the keys", UnsignedAsync);

        MatrixRow Row(string name, Func<ManagedMeeting, Task> run) => new($"{ends}, {name}", async () =>
        {
            using ManagedMeeting meeting = new(ends);
            await run(meeting);
        });
    }

    private static async Task RollAsync(ManagedMeeting meeting)
    {
        meeting.ManageListener();
        meeting.ManageClient();
        Socket accepted = await meeting.MeetAsync();
        ThrowUnless(meeting.Adopt(accepted), "the connection was not adopted");
        ThrowUnlessEqual("1: 1 1", Keys(accepted), "keys at first");

        // both are accepted, and asked for
        meeting.At(9.5);
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        ThrowUnlessEqual("1 2: 2 2", Keys(accepted), "keys of the server in the overlap");
        ThrowUnlessEqual("1 2: 2 2", Keys(meeting.Client), "keys of the client in the overlap");
        ThrowUnlessEqual("1 2", Ids(meeting.Listener), "keys of the listener in the overlap");

        // the first is over
        meeting.At(12);
        ThrowUnlessEqual("2: 2 2", Keys(accepted), "keys of the server at the end");
        ThrowUnlessEqual("2: 2 2", Keys(meeting.Client), "keys of the client at the end");
        ThrowUnlessEqual("2", Ids(meeting.Listener), "keys of the listener at the end");
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        foreach (Socket socket in (Socket[])[accepted, meeting.Client])
        {
            ThrowUnless(socket.GetTcpAoInfo().Counters is { Good: > 0, Bad: 0, KeyNotFound: 0, Required: 0 }, $"counters of one end: {socket.GetTcpAoInfo().Counters}");
        }

        ThrowUnless(meeting.Problems.Count == 0, string.Join('|', meeting.Problems));
    }

    private static async Task RaceAsync(ManagedMeeting meeting)
    {
        meeting.ManageListener();
        meeting.ManageClient();
        meeting.Listener.Listen();
        await meeting.Client.ConnectAsync(meeting.Listener.LocalEndPoint!);

        // the connection waits, with the keys of its handshake
        await Meeting.UntilAsync(() => meeting.Listener.Poll(0, SelectMode.SelectRead), "a connection waits");
        meeting.At(9.5);
        ThrowUnlessEqual("1 2", Ids(meeting.Listener), "keys of the listener");
        Socket accepted = meeting.Keep(await meeting.Listener.AcceptAsync());
        ThrowUnless(meeting.Adopt(accepted), "the connection was not adopted");
        ThrowUnlessEqual("1 2: 1 2", Keys(accepted), "keys of the accepted socket");
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        ThrowUnlessEqual("1 2: 2 2", Keys(accepted), "keys of the accepted socket after data");
    }

    private static async Task StayAsync(ManagedMeeting meeting)
    {
        // the client has the first key for ever
        meeting.ManageListener();
        meeting.Client.AddTcpAoKey(TcpAoKey.Of(Chains.Rolling.AoKeys[0], Ends.Host(meeting.Ends.Server)));
        Socket accepted = await meeting.MeetAsync();
        ThrowUnless(meeting.Adopt(accepted), "the connection was not adopted");
        foreach (double day in (double[])[9.5, 12, 13])
        {
            meeting.At(day);

            // where our own key was to sign no longer, the peer does not know the new one, and its next segment brings the old one back
            await SendAsync(meeting.Client, accepted);
        }

        meeting.At(14);
        ThrowUnless(Ids(accepted) is "1 2", $"keys of the server: {Ids(accepted)}");
        ThrowUnless(meeting.Problems.Any(problem => problem.Contains("the peer", StringComparison.Ordinal)), "nobody was told");
    }

    private static async Task UnsignedAsync(ManagedMeeting meeting)
    {
        meeting.Listener.Listen();
        await meeting.Client.ConnectAsync(meeting.Listener.LocalEndPoint!);
        await Meeting.UntilAsync(() => meeting.Listener.Poll(0, SelectMode.SelectRead), "a connection waits");
        meeting.ManageListener();
        Socket accepted = meeting.Keep(await meeting.Listener.AcceptAsync());
        Meeting.Throws(TcpAoError.Unsigned, () => meeting.Adopt(accepted), "an unsigned connection");
    }

    private static async Task SendAsync(Socket from, Socket to)
    {
        await from.SendAsync(new byte[] { 42 });
        await to.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static string Ids(Socket socket) => string.Join(' ', socket.GetTcpAoKeys().Select(key => key.SendId).Order());

    private static string Keys(Socket socket)
    {
        TcpAoInfo info = socket.GetTcpAoInfo();
        return $"{Ids(socket)}: {info.CurrentSendId} {info.RNextRecvId}";
    }
}
