using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>What the verifier remembers of one socket pair in a capture.</summary>
internal sealed class CapturedConnection(SocketPair pair, IReadOnlyList<KeyBinding> peers)
{
    // enough for handshakes that are replayed into a connection; an attacker's replays push out each other, never the live one
    private const int MaxOtherLives = 4;

    private readonly (uint Isn, KeyBinding Binding)?[] _verifiedSyn = new (uint Isn, KeyBinding Binding)?[2];
    private readonly List<ConnectionLife> _begun = [];
    private readonly List<ConnectionLife> _former = [];

    /// <summary>The pair, the lesser end first.</summary>
    public SocketPair Pair => pair;

    /// <summary>Bindings that configured peers give; empty where none matches.</summary>
    public IReadOnlyList<KeyBinding> Peers => peers;

    /// <summary>The life that segments belong to.</summary>
    public ConnectionLife? Live { get; private set; }

    /// <summary>Lives whose handshake verified beside a live one, until a segment of one does; the latest first.</summary>
    public IReadOnlyList<ConnectionLife> Begun => _begun;

    /// <summary>Lives that another one has taken the place of; the latest first.</summary>
    public IReadOnlyList<ConnectionLife> Former => _former;

    /// <summary>A life whose handshake verifies only with a change to the configured key: it tells the ISNs, for saying what is wrong.</summary>
    public ConnectionLife? Suspected { get; set; }

    /// <summary>The change with which the last bad segment would match; tried first on the next one.</summary>
    public KeyVariation? Variation { get; set; }

    /// <summary>ISNs that the user told, for a connection that began before the capture.</summary>
    public KnownIsns? Told { get; set; }

    /// <summary>Searches for a hint that are left.</summary>
    public int HintBudget { get; set; } = 64;

    /// <summary>The chain of TCP MD5 keys that verified a segment, if any.</summary>
    public CaptureChain? Md5Chain { get; set; }

    /// <summary>Whether something is known of it that cannot be found out again later.</summary>
    public bool IsKnown => Live is not null || Suspected is not null || Md5Chain is not null;

    /// <summary>What is told of the connection at the end.</summary>
    public ConnectionSummary Summary { get; } = new(pair);

    /// <summary>The pair of a packet, the lesser end first.</summary>
    public static SocketPair NormalizedPair(in TcpPacket packet, out bool fromFirst)
    {
        var source = new CaptureEndpoint(IpAddressBits.FromBytes(packet.SourceAddress), packet.SourcePort);
        var destination = new CaptureEndpoint(IpAddressBits.FromBytes(packet.DestinationAddress), packet.DestinationPort);
        return Normalize(source, destination, out fromFirst);
    }

    /// <summary>The pair of two ends, the lesser first.</summary>
    public static SocketPair Normalize(in CaptureEndpoint source, in CaptureEndpoint destination, out bool fromFirst)
    {
        fromFirst = CaptureEndpoint.IsLess(source, destination);
        return fromFirst
            ? new SocketPair(source.Address, destination.Address, source.Port, destination.Port)
            : new SocketPair(destination.Address, source.Address, destination.Port, source.Port);
    }

    /// <summary>The life with these ISNs, if it is known.</summary>
    public ConnectionLife? FindLife(uint sourceIsn, uint destinationIsn, in CaptureEndpoint source)
    {
        if (Live is not null && Is(Live, source))
        {
            return Live;
        }

        foreach (List<ConnectionLife> lives in (ReadOnlySpan<List<ConnectionLife>>)[_begun, _former])
        {
            foreach (ConnectionLife life in lives)
            {
                if (Is(life, source))
                {
                    return life;
                }
            }
        }

        return null;

        bool Is(ConnectionLife life, in CaptureEndpoint from)
        {
            bool fromLocal = life.Binding.IsFromLocal(from);
            return life.SourceIsn(fromLocal) == sourceIsn && life.DestinationIsn(fromLocal) == destinationIsn;
        }
    }

    /// <summary>A SYN verified: it fixes the chain of the life that it may begin.</summary>
    public void NoteSyn(bool fromFirst, uint isn, KeyBinding binding)
    {
        _verifiedSyn[fromFirst ? 0 : 1] = (isn, binding);

        // both ends opened at once: the two SYNs tell both ISNs
        if (_verifiedSyn[fromFirst ? 1 : 0] is { } other && ReferenceEquals(other.Binding.Keys, binding.Keys))
        {
            KeyBinding settled = binding.IsGuess ? other.Binding : binding;
            CaptureEndpoint first = new(pair.Local, pair.LocalPort);
            (uint firstIsn, uint secondIsn) = fromFirst ? (isn, other.Isn) : (other.Isn, isn);
            if (FindLife(firstIsn, secondIsn, first) is null)
            {
                Begin(settled.IsFromLocal(first) ? new ConnectionLife(settled, firstIsn, secondIsn) : new ConnectionLife(settled, secondIsn, firstIsn));
            }
        }
    }

    /// <summary>The chain that a verified SYN with this ISN fixed, if there was one.</summary>
    public KeyBinding? BindingOfSyn(bool fromFirst, uint isn) =>
        _verifiedSyn[fromFirst ? 0 : 1] is { } syn && syn.Isn == isn ? syn.Binding : null;

    /// <summary>A handshake verified: a life whose first segment may follow.</summary>
    public void Begin(ConnectionLife life)
    {
        if (Live is null)
        {
            Live = life;
        }
        else
        {
            Remember(_begun, life);
        }

        Suspected = null;
    }

    /// <summary>A segment of <paramref name="life"/>, one of <see cref="Begun"/>, verified: the pair has another life from now on.</summary>
    public void Continue(ConnectionLife life)
    {
        _begun.Remove(life);
        Remember(_former, Live!);
        Live = life;
        Summary.Lives++;
        _verifiedSyn[0] = null;
        _verifiedSyn[1] = null;
    }

    /// <summary>A segment of <paramref name="life"/>, one of <see cref="Former"/>, goes on where it had stopped: what took its place was a replay.</summary>
    public void Return(ConnectionLife life)
    {
        _former.Remove(life);
        Remember(_former, Live!);
        Live = life;
        Summary.Lives--;
    }

    private static void Remember(List<ConnectionLife> lives, ConnectionLife life)
    {
        if (lives.Count == MaxOtherLives)
        {
            lives.RemoveAt(MaxOtherLives - 1);
        }

        lives.Insert(0, life);
    }
}
