// What no notification tells: handshakes that the kernel gave up, connections that were reset while their program holds the socket, and all that happened when notifications were lost.

using TcpAo.Connections;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

internal sealed partial class SocketPlane
{
    private const int CompareInterval = 30_000;

    // found in the kernel no more the last time: the kernel's list is no snapshot, and a call may be on its way; what is missing twice is gone
    private HashSet<ulong> _missingSockets = [];
    private HashSet<SocketPair> _missingConnections = [];
    private int _lostRounds;

    /// <summary>Compares with the kernel.</summary>
    /// <param name="isLost">Whether notifications were lost.</param>
    private void Compare(bool isLost)
    {
        _lostRounds = isLost ? 2 : Math.Max(_lostRounds - 1, 0);
        try
        {
            ulong[] sockets;
            SocketPair[] connections;
            lock (Gate)
            {
                sockets = [.. _registry.All.Where(socket => socket.Pair is not null || socket.ListeningPort != 0).Select(socket => socket.Cookie)];
                connections = [.. Engine.Connections.Where(IsWithoutSocket).Select(connection => connection.Pair)];
            }

            if (sockets.Length + connections.Length == 0)
            {
                return;
            }

            using SockDiag diag = Inside(SockDiag.Open);
            HashSet<ulong> alive = [.. diag.List().Select(socket => socket.Cookie)];
            lock (Gate)
            {
                HashSet<ulong> missingSockets = [.. sockets.Where(cookie => !alive.Contains(cookie) && !IsInKernel(diag, cookie))];
                HashSet<SocketPair> missingConnections = [.. connections.Where(pair => IsOver(diag, pair))];
                foreach (ulong cookie in missingSockets.Intersect(_missingSockets))
                {
                    Miss(cookie);
                }

                foreach (SocketPair pair in missingConnections.Intersect(_missingConnections))
                {
                    Miss(pair);
                }

                (_missingSockets, _missingConnections) = (missingSockets, missingConnections);
            }
        }
        catch (LinuxException error)
        {
            _options.Log(error.Message);
        }
    }

    private bool IsWithoutSocket(AoConnection connection) => connection.State == ConnectionState.Synchronized && _registry.FindOwner(connection.Pair) is null or { Cookie: 0 };

    private bool IsInKernel(SockDiag diag, ulong cookie) =>
        _registry.Find(cookie) is { Pair: { } pair } socket && diag.Find(pair, socket.BoundDevice) is { } found && found.Cookie == cookie;

    /// <summary>Whether the kernel has no socket for a connection; where it has one whose cookie was not known, it is known from then on.</summary>
    private bool IsOver(SockDiag diag, in SocketPair pair)
    {
        if (diag.Find(pair) is not { } found)
        {
            return true;
        }

        if (_registry.FindOwner(pair) is { Cookie: 0 } owner)
        {
            owner.Cookie = found.Cookie;
            _registry.Add(owner);
        }

        return false;
    }

    private void Miss(ulong cookie)
    {
        if (_registry.Find(cookie) is not { } socket)
        {
            return;
        }

        if (_lostRounds > 0 || socket.Model.IsQueued)
        {
            // its program closed it, or never had it
            Remove(cookie);
        }
        else if (socket.Pair is not null)
        {
            // its program may hold it still, with its keys
            Leave(socket);
        }
    }

    private void Miss(in SocketPair pair)
    {
        if (_registry.FindOwner(pair) is { } owner)
        {
            owner.Model.Accept();
            _registry.Unbind(pair, owner);
        }

        Engine.Close(pair, Now());
    }
}
