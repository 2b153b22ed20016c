// Sockets that are gone, and rules that nobody needs any more.

using TcpAo.Connections;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

internal sealed partial class SocketPlane
{
    /// <summary>Whether a socket that no program has any more still has data or a FIN to bring to its peer.</summary>
    public bool HasUnsent()
    {
        using SockDiag diag = Inside(SockDiag.Open);
        IReadOnlyList<TcpSocket> closing = diag.List(TcpState.FinWait1, TcpState.Closing, TcpState.LastAck);
        lock (Gate)
        {
            return closing.Any(socket => Engine.FindConnection(_links.PairOf(socket)) is not null);
        }
    }

    /// <summary>Ends every connection that there still is; the resets are signed. Where the kernel cannot do it the rules stay.</summary>
    public void EndConnections()
    {
        using SockDiag diag = Inside(SockDiag.Open);
        foreach (TcpSocket socket in diag.List())
        {
            bool isOurs;
            lock (Gate)
            {
                isOurs = Engine.FindConnection(_links.PairOf(socket)) is not null;
            }

            if (isOurs)
            {
                End(diag, socket);
            }
        }
    }

    private void End(SockDiag diag, in TcpSocket socket)
    {
        try
        {
            _ = diag.Destroy(socket.Pair, socket.Cookie, socket.InterfaceIndex);
        }
        catch (LinuxException error)
        {
            // one in TIME-WAIT has nothing to say but to acknowledge, and some kernels cannot end it
            if (socket.State != TcpState.TimeWait)
            {
                _keepsRules = true;
                _options.Log($"{socket.Pair}: {error.Message} The rules stay, and drop what it sends: 'tcpao exec --release' takes them away");
            }
        }
    }

    private void Watch()
    {
        long nextRetain = Now().Monotonic + RetainInterval;
        long nextCompare = Now().Monotonic + CompareInterval;
        while (!_stopping)
        {
            if (_monitor.TryRead(MonitorWait, out TcpSocket gone))
            {
                lock (Gate)
                {
                    do
                    {
                        Remove(gone.Cookie);
                    }
                    while (_monitor.TryRead(0, out gone));
                }
            }

            bool isLost = _monitor.TakeLost();
            if (isLost || Now().Monotonic >= nextCompare)
            {
                nextCompare = Now().Monotonic + CompareInterval;
                Compare(isLost);
            }

            if (Now().Monotonic >= nextRetain)
            {
                nextRetain = Now().Monotonic + RetainInterval;
                Retain();
            }
        }
    }

    private void Remove(ulong cookie)
    {
        if (_registry.Remove(cookie) is { } socket)
        {
            socket.Share?.RemoveSocket();

            // it follows its listener no longer
            socket.Model.Accept();
            CloseConnection(socket);
        }
    }

    private void CloseConnection(ProgramSocket socket)
    {
        // another socket may have a connection with the same ends by now
        if (socket.Pair is { } pair && socket.Connection is { } connection && ReferenceEquals(Engine.FindConnection(pair), connection))
        {
            Engine.Close(pair, Now());
        }
    }

    private void Retain()
    {
        try
        {
            lock (Gate)
            {
                _rules.Retain(_registry.All, Engine.Connections.Select(connection => connection.Pair), Now().Monotonic);
            }
        }
        catch (LinuxException error)
        {
            // what stood before stands: too much is queued, not too little
            _options.Log(error.Message);
        }
    }
}
