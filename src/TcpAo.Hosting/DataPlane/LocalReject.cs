using System.Collections.Concurrent;
using TcpAo.Connections;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Wire;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Tells a program at once that its connection cannot be signed, where its peer has <c>on-no-key: reject</c> (R-024): the socket ends with ECONNABORTED, whether it connects or is
/// established, and nothing leaves. On a thread of its own, so that segments do not wait for the kernel's answer.
/// </summary>
internal sealed class LocalReject : IDisposable
{
    private const int MaxWaiting = 1024;

    private static readonly TimeSpan s_sayAgain = TimeSpan.FromSeconds(10);

    private readonly BlockingCollection<(SocketPair Pair, int Interface, string Peer)> _waiting = new(MaxWaiting);
    private readonly Func<SocketPair, ConnectionPolicy?> _findPolicy;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly SockDiag _diag = SockDiag.Open();
    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);
    private readonly Thread _thread;

    /// <param name="findPolicy">Which peer a connection is with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes lines for the operator.</param>
    public LocalReject(Func<SocketPair, ConnectionPolicy?> findPolicy, TimeProvider time, Action<string> log)
    {
        (_findPolicy, _time, _log) = (findPolicy, time, log);
        _thread = new Thread(Run) { Name = "tcpao rejects", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Notes a segment of ours that was held back because no key may sign. On a worker's thread; what there is no room for is noted when TCP sends again.</summary>
    public void Note(ReadOnlySpan<byte> packet, AoEngine engine, in SegmentContext context)
    {
        // a SYN-ACK has no program yet, and a reset no socket any more
        const TcpFlags SynAck = TcpFlags.Syn | TcpFlags.Ack;
        if (TcpPacket.TryParse(packet, out TcpPacket segment) != DropReason.None || (segment.Flags & SynAck) == SynAck || (segment.Flags & TcpFlags.Rst) != TcpFlags.None)
        {
            return;
        }

        SocketPair pair = AoEngine.OutboundPair(segment, context);
        if ((engine.FindConnection(pair)?.Policy ?? _findPolicy(pair)) is { NoKey: NoKeyAction.Reject } policy)
        {
            _waiting.TryAdd((pair, context.Interface, policy.Name));
        }
    }

    public void Dispose()
    {
        _waiting.CompleteAdding();
        _thread.Join();
        _waiting.Dispose();
        _diag.Dispose();
    }

    private void Run()
    {
        foreach ((SocketPair pair, int link, string peer) in _waiting.GetConsumingEnumerable())
        {
            try
            {
                if (_diag.Find(pair, link) is { } socket && _diag.Destroy(pair, socket.Cookie, link))
                {
                    Say(peer, $"{pair}: rejected: no key of peer {peer} may sign now, and its program is told; on-no-key: hold would have it wait");
                }
            }
            catch (LinuxException error)
            {
                Say(peer, $"{pair}: no key of peer {peer} may sign now, and its program cannot be told: {error.Message}");
            }
        }
    }

    /// <summary>Once in a while for a peer: its program may try again and again.</summary>
    private void Say(string peer, string line)
    {
        long now = _time.GetTimestamp();
        if (_said.TryGetValue(peer, out long before) && _time.GetElapsedTime(before, now) < s_sayAgain)
        {
            return;
        }

        _said[peer] = now;
        _log(line);
    }
}
