// Sockets that are gone, and rules that nobody needs any more.

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

    /// <summary>Ends every connection that there still is; the resets are signed.</summary>
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
                _ = diag.Destroy(socket.Pair, socket.Cookie, socket.InterfaceIndex);
            }
        }
    }

    private void Watch()
    {
        long nextRetain = Now().Monotonic + RetainInterval;
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

            if (_monitor.TakeLost())
            {
                Compare();
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

    /// <summary>Notifications were lost. A socket that is closed, or bound only, is listed by nobody: those are left.</summary>
    private void Compare()
    {
        using SockDiag diag = Inside(SockDiag.Open);
        HashSet<ulong> alive = [.. diag.List().Select(socket => socket.Cookie)];
        lock (Gate)
        {
            ulong[] gone = [.. _registry.All.Where(socket => (socket.Pair is not null || socket.ListeningPort != 0) && !alive.Contains(socket.Cookie)).Select(socket => socket.Cookie)];
            foreach (ulong cookie in gone)
            {
                Remove(cookie);
            }
        }
    }

    private void Retain()
    {
        try
        {
            lock (Gate)
            {
                _rules.Retain(_registry.All, Engine.Connections.Select(connection => connection.Pair));
            }
        }
        catch (LinuxException error)
        {
            // what stood before stands: too much is queued, not too little
            _options.Log(error.Message);
        }
    }
}
