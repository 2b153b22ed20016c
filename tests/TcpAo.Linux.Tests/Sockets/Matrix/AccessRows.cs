using System.Net.Sockets;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;
using static TcpAo.Linux.Tests.Sockets.Matrix.MatrixFailureException;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>Who gets in with which key.</summary>
internal static class AccessRows
{
    public static IEnumerable<MatrixRow> Of(Ends ends)
    {
        List<(string Name, IpPrefix Server, IpPrefix Client)> scopes =
        [
            ("an address", Ends.Host(ends.Client), Ends.Host(ends.Server)),
            ("a prefix", ends.Prefix, ends.Prefix),
            ("a prefix at the server", ends.Prefix, Ends.Host(ends.Server)),
        ];
        if (ends.Every is { } every)
        {
            scopes.Add(("everybody", every, every));
        }

        foreach ((string name, IpPrefix server, IpPrefix client) in scopes)
        {
            yield return Row($"key for {name}: right", m => m.MeetAsync(), MatrixKey.Ao(server), MatrixKey.Ao(client));
            yield return Row($"key for {name}: wrong secret", MissAndCountAsync(c => c.Bad), MatrixKey.Ao(server), MatrixKey.Ao(client, isRight: false));
            yield return Row($"key for {name}: wrong id", MissAndCountAsync(c => c.KeyNotFound), MatrixKey.Ao(server), MatrixKey.Ao(client, sendId: 9));
            yield return Row($"key for {name}: client without", MissAndCountAsync(c => c.Required), MatrixKey.Ao(server), null);
            yield return Row($"key for {name}: server without", m => m.MissAsync(), null, MatrixKey.Ao(client));
        }

        yield return Row("client with a key for another: fails at once", RejectAsync, MatrixKey.Ao(ends.Client), MatrixKey.Ao(ends.Other));
        yield return Row("server with a key for another: client with one", m => m.MissAsync(), MatrixKey.Ao(ends.Other), MatrixKey.Ao(ends.Server));
        yield return Row("server with a key for another: client without", m => m.MeetAsync(isSigned: false), MatrixKey.Ao(ends.Other), null);
        yield return Row("neither has a key", m => m.MeetAsync(isSigned: false), null, null);
        yield return Row("server requires TCP-AO of all: client without", RequireAsync, MatrixKey.Ao(ends.Other), null);
        yield return Row("server requires TCP-AO of all: client with a key", RequiredAsync, MatrixKey.Ao(ends.Client), MatrixKey.Ao(ends.Server));
        foreach (MacAlgorithm algorithm in (MacAlgorithm[])[MacAlgorithms.HmacSha1, MacAlgorithms.AesCmac, MacAlgorithms.HmacSha256])
        {
            foreach (int length in (int[])[4, 12, 16])
            {
                yield return Row(
                    $"{algorithm} with a MAC of {length}",
                    m => m.MeetAsync(),
                    MatrixKey.Ao(ends.Client, algorithm, length),
                    MatrixKey.Ao(ends.Server, algorithm, length));
            }
        }

        MacAlgorithm sha1 = MacAlgorithms.HmacSha1;
        yield return Row("another algorithm", MissAndCountAsync(c => c.Bad), MatrixKey.Ao(ends.Client, sha1), MatrixKey.Ao(ends.Server, MacAlgorithms.HmacSha256));
        yield return Row("another length of MAC", MissAndCountAsync(c => c.Bad), MatrixKey.Ao(ends.Client, sha1, 16), MatrixKey.Ao(ends.Server, sha1, 12));
        yield return Row("options left out by both", m => m.MeetAsync(), MatrixKey.Ao(ends.Client, sha1, null, false), MatrixKey.Ao(ends.Server, sha1, null, false));
        yield return Row("options left out by one", MissAndCountAsync(c => c.Bad), MatrixKey.Ao(ends.Client, sha1, null, false), MatrixKey.Ao(ends.Server, sha1));

        MatrixRow Row(string name, Func<Meeting, Task> run, TcpAoKey? server, TcpAoKey? client) => new($"{ends}, {name}", async () =>
        {
            using Meeting meeting = new(ends);
            AddTo(meeting.Listener, server);
            AddTo(meeting.Client, client);
            await run(meeting);
        });
    }

    private static void AddTo(Socket socket, TcpAoKey? key)
    {
        if (key is not null)
        {
            socket.AddTcpAoKey(key);
            ThrowUnless(socket.HasTcpAoKey(key), "the key is not found again");
        }
    }

    /// <summary>The listener counts what it refuses, as the reason that it is.</summary>
    private static Func<Meeting, Task> MissAndCountAsync(Func<TcpAoCounters, ulong> count) => async meeting =>
    {
        await meeting.MissAsync(isCounted: () => count(meeting.Listener.GetTcpAoInfo().Counters) > 0);
        TcpAoCounters counters = meeting.Listener.GetTcpAoInfo().Counters;
        ThrowUnless(count(counters) > 0 && count(counters) == counters.Bad + counters.KeyNotFound + counters.Required && counters.Good == 0, $"the listener counted {counters}");
    };

    private static async Task RejectAsync(Meeting meeting)
    {
        Meeting.Throws(TcpAoError.KeyRejected, () => meeting.Client.CheckTcpAoPeer(meeting.Ends.Server), "a peer without a key");
        meeting.Client.CheckTcpAoPeer(meeting.Ends.Other);
        await meeting.RejectAsync();
    }

    private static async Task RequireAsync(Meeting meeting)
    {
        meeting.Listener.SetTcpAoInfo(new TcpAoInfoChange { AoRequired = true });
        await meeting.MissAsync(isCounted: () => meeting.Listener.GetTcpAoInfo().Counters.Required > 0);
        ThrowUnless(meeting.Listener.GetTcpAoInfo().AoRequired, "the listener lost its rule");
    }

    private static async Task RequiredAsync(Meeting meeting)
    {
        meeting.Listener.SetTcpAoInfo(new TcpAoInfoChange { AoRequired = true, AcceptIcmps = true });
        Socket accepted = await meeting.MeetAsync();
        ThrowUnless(accepted.GetTcpAoInfo() is { AoRequired: true, AcceptIcmps: true }, "the accepted socket did not get the listener's rules");
    }
}
