using System.Net.Sockets;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>A connection on which bytes go to and fro all the time.</summary>
internal sealed class Talk : IDisposable
{
    private const int Length = 100;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _ended = new();
    private readonly Socket _from;
    private readonly Socket _to;
    private readonly Task _talking;
    private int _rounds;

    private Talk(Socket from, Socket to)
    {
        _from = from;
        _to = to;
        _talking = Task.Run(TalkAsync);
    }

    public static Talk Open(Host from, Socket listener)
    {
        Socket socket = from.Tcp(AddressFamily.InterNetwork);
        Wait.For(socket.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
        return new Talk(socket, Transfer.Accept(listener));
    }

    /// <summary>Bytes go to and fro, and all did until now.</summary>
    public void AssertGoesOn()
    {
        int before = Volatile.Read(ref _rounds);
        Wait.Until(() => _talking.IsCompleted || Volatile.Read(ref _rounds) > before + 1, "bytes have gone to and fro");
        Assert.False(_talking.IsCompleted, $"the connection {_from.LocalEndPoint} has ended: {_talking.Exception?.GetBaseException().Message}");
    }

    public void Dispose()
    {
        _ended.Cancel();
        _from.Dispose();
        _to.Dispose();
        _ended.Dispose();
    }

    private async Task TalkAsync()
    {
        byte[] bytes = new byte[Length];
        while (!_ended.IsCancellationRequested)
        {
            foreach ((Socket from, Socket to) in ((Socket, Socket)[])[(_from, _to), (_to, _from)])
            {
                bytes.AsSpan().Fill((byte)_rounds);
                await from.SendAsync(bytes).ConfigureAwait(false);
                byte[] got = new byte[Length];
                for (int at = 0; at < Length;)
                {
                    int received = await to.ReceiveAsync(got.AsMemory(at)).ConfigureAwait(false);
                    at += received > 0 ? received : throw new IOException("the connection was closed");
                }

                if (!got.AsSpan().SequenceEqual(bytes))
                {
                    throw new IOException("other bytes came than were sent");
                }
            }

            Interlocked.Increment(ref _rounds);
            await Task.Delay(s_pause).ConfigureAwait(false);
        }
    }
}
