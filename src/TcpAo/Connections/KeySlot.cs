using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;

namespace TcpAo.Connections;

/// <summary>
/// One key in use by one connection: its two traffic keys for segments with both ISNs known (Send_other and Receive_other,
/// R-039), derived once, and its counters.
/// </summary>
internal sealed class KeySlot(AoKey key)
{
    // Send_other, then Receive_other; no longer than the algorithm needs
    private readonly byte[] _prepared = new byte[2 * key.Algorithm.PreparedLength];
    private bool _hasSendOther;
    private bool _hasReceiveOther;

    /// <summary>The key. It may be replaced by one of the same material with other lifetimes.</summary>
    public AoKey Key
    {
        get;
        set
        {
            field = value;
            EngineCounters = null;
        }
    }
    = key;

    /// <summary>What the engine counts for the key over all connections; null until it was looked up.</summary>
    public KeyCounters? EngineCounters { get; set; }

    /// <summary>What the connection counted for the key.</summary>
    public KeyCounters Counters { get; } = new();

    /// <summary>Send_other, derived when first needed.</summary>
    public ReadOnlySpan<byte> SendOther(in SocketPair pair, NatSides nat, uint localIsn, uint remoteIsn)
    {
        if (!_hasSendOther)
        {
            Derive(SegmentFlow.Outbound(pair, nat), localIsn, remoteIsn, Send);
            _hasSendOther = true;
        }

        return Send;
    }

    /// <summary>Receive_other, derived when first needed.</summary>
    public ReadOnlySpan<byte> ReceiveOther(in SocketPair pair, NatSides nat, uint localIsn, uint remoteIsn)
    {
        if (!_hasReceiveOther)
        {
            Derive(SegmentFlow.Inbound(pair, nat), remoteIsn, localIsn, Receive);
            _hasReceiveOther = true;
        }

        return Receive;
    }

    /// <summary>Where both keys stand, each in a half, once they are derived: for MACs that are computed later.</summary>
    public byte[] Prepared => _prepared;

    /// <summary>Where Receive_other begins in <see cref="Prepared"/>; Send_other begins at 0.</summary>
    public int ReceiveAt => _prepared.Length / 2;

    /// <summary>Grows whenever the keys are erased: what was computed under them before is void.</summary>
    public int Generation { get; private set; }

    /// <summary>Erases the traffic keys: the ISNs changed, or the key is left.</summary>
    public void Forget()
    {
        CryptographicOperations.ZeroMemory(_prepared);
        Generation++;
        _hasSendOther = false;
        _hasReceiveOther = false;
    }

    private Span<byte> Send => _prepared.AsSpan(0, _prepared.Length / 2);

    private Span<byte> Receive => _prepared.AsSpan(_prepared.Length / 2);

    private void Derive(in SegmentFlow flow, uint sourceIsn, uint destinationIsn, Span<byte> prepared)
    {
        SegmentMac.Derive(Key, flow, sourceIsn, destinationIsn, out TrafficKey trafficKey);
        TrafficKey.Read(in trafficKey)[..prepared.Length].CopyTo(prepared);
        trafficKey.Clear();
    }
}
