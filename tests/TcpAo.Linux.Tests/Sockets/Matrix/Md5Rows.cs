using System.Net.Sockets;
using TcpAo.Linux.Sockets;
using static TcpAo.Linux.Tests.Sockets.Matrix.MatrixFailureException;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>TCP MD5, alone and beside TCP-AO.</summary>
internal static class Md5Rows
{
    public static IEnumerable<MatrixRow> Of(Ends ends)
    {
        yield return Row("right", m => m.MeetAsync(isSigned: false), MatrixKey.Md5(ends.Client), MatrixKey.Md5(ends.Server));
        yield return Row("right, for a prefix", m => m.MeetAsync(isSigned: false), MatrixKey.Md5(ends.Prefix), MatrixKey.Md5(ends.Prefix));
        yield return Row("wrong", m => m.MissAsync(), MatrixKey.Md5(ends.Client), MatrixKey.Md5(ends.Server, isRight: false));
        yield return Row("client without", m => m.MissAsync(), MatrixKey.Md5(ends.Client), null);
        yield return Row("server without", m => m.MissAsync(), null, MatrixKey.Md5(ends.Server));
        yield return Row("server has TCP-AO for the client", AoServerAsync, null, MatrixKey.Md5(ends.Server));
        yield return Row("client has TCP-AO for the server", AoClientAsync, MatrixKey.Md5(ends.Client), null);
        yield return Row("beside TCP-AO for another client", BesideAsync, MatrixKey.Md5(ends.Other), null);
        yield return Row("a peer has keys of one kind", OneKind, MatrixKey.Md5(ends.Client), null);
        yield return Row("taken off", TakenOffAsync, MatrixKey.Md5(ends.Prefix), null);

        MatrixRow Row(string name, Func<Meeting, Task> run, TcpMd5Key? server, TcpMd5Key? client) => new($"{ends}, TCP MD5: {name}", async () =>
        {
            using Meeting meeting = new(ends);
            AddTo(meeting.Listener, server);
            AddTo(meeting.Client, client);
            await run(meeting);
        });
    }

    private static void AddTo(Socket socket, TcpMd5Key? key)
    {
        if (key is not null)
        {
            socket.AddTcpMd5Key(key);
        }
    }

    private static async Task AoServerAsync(Meeting meeting)
    {
        meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client));
        await meeting.MissAsync();
        ThrowUnless(meeting.Listener.GetTcpAoInfo().Counters.Good == 0, "the listener verified it");
    }

    private static async Task AoClientAsync(Meeting meeting)
    {
        meeting.Client.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Server));
        await meeting.MissAsync();
    }

    private static async Task BesideAsync(Meeting meeting)
    {
        meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client));
        meeting.Client.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Server));
        await meeting.MeetAsync();
        Socket other = meeting.Another(meeting.Ends.Other);
        other.AddTcpMd5Key(MatrixKey.Md5(meeting.Ends.Server));
        await meeting.MeetAsync(isSigned: false, other);
        await meeting.MissAsync(meeting.Another(meeting.Ends.Other));
    }

    private static Task OneKind(Meeting meeting)
    {
        Meeting.Throws(TcpAoError.KeyRejected, () => meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client)), "a TCP-AO key beside TCP MD5");
        Meeting.Throws(TcpAoError.KeyRejected, () => meeting.Listener.SetTcpAoInfo(new TcpAoInfoChange { AoRequired = true }), "TCP-AO required beside TCP MD5");
        meeting.Client.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Server));
        Meeting.Throws(TcpAoError.KeyRejected, () => meeting.Client.AddTcpMd5Key(MatrixKey.Md5(meeting.Ends.Server)), "a TCP MD5 key beside TCP-AO");
        return Task.CompletedTask;
    }

    private static async Task TakenOffAsync(Meeting meeting)
    {
        meeting.Listener.RemoveTcpMd5Key(meeting.Ends.Prefix);
        Meeting.Throws(TcpAoError.NoSuchKey, () => meeting.Listener.RemoveTcpMd5Key(meeting.Ends.Prefix), "a key that is gone");
        await meeting.MeetAsync(isSigned: false);
    }
}
