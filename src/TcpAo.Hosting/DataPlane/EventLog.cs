using TcpAo.Connections;
using TcpAo.Diagnostics;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Turns engine events into sentences for an operator: why does it not come up? Each cause of a connection is told once in ten seconds.
/// Used on one thread.
/// </summary>
/// <param name="write">Takes a line.</param>
/// <param name="time">The clock.</param>
internal sealed class EventLog(Action<string> write, TimeProvider time) : IAoObserver
{
    private const int MaxRemembered = 4096;

    // a flood from made-up ports is a cause of its own at each
    private const int MaxLines = 200;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(AoEventKind Kind, SocketPair Pair, DropReason Reason), (long Since, long Suppressed)> _told = [];

    private long _intervalBegan;
    private int _lines;

    /// <summary>Where the ids of a connection's keys come from; set once the engine is there.</summary>
    public Func<SocketPair, ConnectionPolicy?>? FindPolicy { get; set; }

    /// <inheritdoc/>
    public void OnEvent(in AoEvent aoEvent)
    {
        if (Sentence(aoEvent) is not { } sentence || !IsDue(aoEvent, out long suppressed))
        {
            return;
        }

        string again = suppressed > 0 ? $" (and {suppressed} more in the last {s_interval.TotalSeconds:F0} s)" : string.Empty;
        write($"{aoEvent.Pair}: {sentence}{again}");
    }

    private string? Sentence(in AoEvent aoEvent) => aoEvent.Kind switch
    {
        AoEventKind.BadHeader => $"refused: {aoEvent.Reason.ToName()}",
        AoEventKind.AoRequired => "refused: the peer does not sign, or the port is closed there",
        AoEventKind.Md5Required => "refused: the peer does not use TCP MD5",
        AoEventKind.Md5Unexpected => "refused: the peer uses TCP MD5, we have TCP-AO for it",
        AoEventKind.Md5Mismatch => "refused: TCP MD5 does not match: the keys differ",
        AoEventKind.HandshakeFailure when aoEvent.Reason == DropReason.AoRequired => "refused: the peer signed its SYN and does not sign what follows",
        AoEventKind.HandshakeFailure => $"refused: {aoEvent.Reason.ToName()}",
        AoEventKind.WrongMacLength => $"refused: the peer's MAC has {aoEvent.MacLength} bytes, key {aoEvent.KeyId} says otherwise: compare mac-length",
        AoEventKind.MacMismatch => $"refused: the MAC under key id {aoEvent.KeyId} does not match: compare secret, algorithm and include-tcp-options, or a NAT is on the path",
        AoEventKind.KeyNotFound => $"refused: unknown key id {aoEvent.KeyId}, we have {KnownIds(aoEvent.Pair)}",
        AoEventKind.SynAckNoKey => $"not answered: the peer asks for key id {aoEvent.KeyId}, which we do not have",
        AoEventKind.CurrentKeyChanged => $"signs with key id {aoEvent.KeyId} now",
        AoEventKind.RNextKeyChanged => $"asks the peer for key id {aoEvent.RNextKeyId} now",
        AoEventKind.Established => $"protected, key id {aoEvent.KeyId}",
        AoEventKind.Unprotected => "goes on without protection: the peer does not sign, and the mode allows that",
        AoEventKind.NotSent => NotSent(aoEvent.Reason),
        AoEventKind.IcmpIgnored => "an ICMP error that would end the connection was ignored",
        AoEventKind.FastOpenGivenUp => "opens without Fast Open, which a signed connection does without",
        AoEventKind.PeerKeyOver => $"the peer still signs with key id {aoEvent.KeyId}, which is over: this connection goes on, another one cannot begin with it; give the peer the next key",
        AoEventKind.MultipathGivenUp => "falls back from Multipath TCP to TCP: a signed connection has one path",
        _ => null,
    };

    private static string NotSent(DropReason reason) => reason == DropReason.OptionSpace
        ? $"held back: {reason.ToName()}: its TCP options leave no room for the signature; switch one off that the program or a sysctl asked for"
        : $"held back: {reason.ToName()}";

    private string KnownIds(SocketPair pair)
    {
        string ids = string.Join(" and ", FindPolicy?.Invoke(pair)?.Keys.Keys.Select(key => key.RecvId.ToString()) ?? []);
        return ids.Length > 0 ? ids : "none";
    }

    private bool IsDue(in AoEvent aoEvent, out long suppressed)
    {
        long now = time.GetTimestamp();
        (AoEventKind Kind, SocketPair Pair, DropReason Reason) cause = (aoEvent.Kind, aoEvent.Pair, aoEvent.Reason);
        if (_told.TryGetValue(cause, out (long Since, long Suppressed) told) && time.GetElapsedTime(told.Since, now) < s_interval)
        {
            _told[cause] = (told.Since, told.Suppressed + 1);
            suppressed = 0;
            return false;
        }

        if (time.GetElapsedTime(_intervalBegan, now) >= s_interval)
        {
            _intervalBegan = now;
            _lines = 0;
        }

        if (++_lines > MaxLines)
        {
            if (_lines == MaxLines + 1)
            {
                write($"more than {MaxLines} different causes in {s_interval.TotalSeconds:F0} s: the others are not told");
            }

            suppressed = 0;
            return false;
        }

        if (_told.Count >= MaxRemembered)
        {
            _told.Clear();
        }

        suppressed = told.Suppressed;
        _told[cause] = (now, 0);
        return true;
    }
}
