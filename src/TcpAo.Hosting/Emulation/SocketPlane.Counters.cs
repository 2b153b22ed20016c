// When a namespace's counters show what. In a kernel a segment is counted and does its work in one step; here the kernel gets it after it is counted, and the rest of its handshake is on
// its way through queues. A program that finds its socket not ready and then the handshake counted would take it for refused, as Linux' own tests do.

using TcpAo.Connections;
using TcpAo.Wire;

namespace TcpAo.Hosting.Emulation;

internal sealed partial class SocketPlane
{
    /// <summary>How long a handshake's segments are held back from the namespace's counter while the program may not know what came of it.</summary>
    private const int LongestHidden = 250;

    private readonly List<(SocketPair Pair, ProgramSocket Owner, long Since)> _unnoticed = [];

    /// <summary>Good segments of handshakes of which the program cannot know yet what came of them.</summary>
    public ulong CountUnnoticed()
    {
        long now = Now().Monotonic;
        _unnoticed.RemoveAll(one => now - one.Since > LongestHidden);
        return (ulong)_unnoticed.Count;
    }

    /// <summary>The program knows what came of a socket's handshakes.</summary>
    /// <returns>Whether the socket has TCP-AO.</returns>
    public bool Notice(ProgramSocket socket)
    {
        _unnoticed.RemoveAll(one => ReferenceEquals(one.Owner, socket));
        return socket.Model.HasAo;
    }

    /// <summary>Waits until the packets that are in the queue now are decided.</summary>
    public void Drain()
    {
        if (!Ended.IsCompleted)
        {
            _worker.Drain();
        }
    }

    private void NoteHandshake(bool isOutbound, in AoDecision decision)
    {
        if (isOutbound)
        {
            if ((_flags & Handshake) == TcpFlags.Ack && (_flags & (TcpFlags.Psh | TcpFlags.Fin)) != TcpFlags.None)
            {
                // the program sends, or has closed
                ShowHandshake(_pair);
            }

            return;
        }

        bool isOfHandshake = (_flags & TcpFlags.Syn) != TcpFlags.None || _established is not null;
        if (!isOfHandshake || decision.Verdict == AoVerdict.Drop || Engine.FindConnection(_pair) is not { Protection: not Protection.Unsigned })
        {
            return;
        }

        if ((_registry.FindOwner(_pair) ?? _registry.ResolveListener(_pair)) is { } owner)
        {
            // whoever asks for the counters does so rarely, or never
            _ = CountUnnoticed();
            _unnoticed.Add((_pair, owner, Now().Monotonic));
        }
    }

    private void ShowHandshake(SocketPair pair)
    {
        if (_unnoticed.Count > 0)
        {
            _unnoticed.RemoveAll(one => one.Pair == pair);
        }
    }
}
