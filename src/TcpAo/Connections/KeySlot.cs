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
    private TrafficKey _sendOther;
    private TrafficKey _receiveOther;
    private bool _hasSendOther;
    private bool _hasReceiveOther;

    /// <summary>The key. It may be replaced by one of the same material with other lifetimes.</summary>
    public AoKey Key { get; set; } = key;

    /// <summary>What the connection counted for the key.</summary>
    public KeyCounters Counters { get; } = new();

    /// <summary>Send_other, derived when first needed.</summary>
    public ref readonly TrafficKey SendOther(in SocketPair pair, NatSides nat, uint localIsn, uint remoteIsn)
    {
        if (!_hasSendOther)
        {
            SegmentMac.Derive(Key, SegmentFlow.Outbound(pair, nat), localIsn, remoteIsn, out _sendOther);
            _hasSendOther = true;
        }

        return ref _sendOther;
    }

    /// <summary>Receive_other, derived when first needed.</summary>
    public ref readonly TrafficKey ReceiveOther(in SocketPair pair, NatSides nat, uint localIsn, uint remoteIsn)
    {
        if (!_hasReceiveOther)
        {
            SegmentMac.Derive(Key, SegmentFlow.Inbound(pair, nat), remoteIsn, localIsn, out _receiveOther);
            _hasReceiveOther = true;
        }

        return ref _receiveOther;
    }

    /// <summary>Erases the traffic keys: the ISNs changed, or the key is left.</summary>
    public void Forget()
    {
        _sendOther.Clear();
        _receiveOther.Clear();
        _hasSendOther = false;
        _hasReceiveOther = false;
    }
}
