// linux-uapi 4.3: TCP_AO_DEL_KEY.

using TcpAo.Keys;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private UapiAnswer DelKey(ReadOnlySpan<byte> value, int length, KeyPorts ports, in SocketFacts facts)
    {
        if (length < TcpAoDel.Size)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        Span<byte> bytes = stackalloc byte[TcpAoDel.Size];
        LinuxErrno errno = UapiCopy.Take(value, length, bytes);
        if (errno != LinuxErrno.None)
        {
            return Fail(errno);
        }

        var del = new TcpAoDel(bytes);
        bool isListener = facts.State == TcpState.Listen;
        if (del.HasReserved
            || ((del.SetCurrent || del.SetRNext) && isListener)
            || (del.KeyFlags & ~AoKeyFlags.InterfaceIndex) != AoKeyFlags.None
            || (del.InterfaceIndex != 0 && !del.KeyFlags.HasFlag(AoKeyFlags.InterfaceIndex)))
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        if (!HasAo)
        {
            return Fail(LinuxErrno.NoEntry);
        }

        SocketKey? newCurrent = del.SetCurrent ? _keys.FindBySendId(del.CurrentKey) : null;
        SocketKey? newRNext = del.SetRNext ? _keys.FindByRecvId(del.RNext) : null;
        if ((del.SetCurrent && newCurrent is null) || (del.SetRNext && newRNext is null))
        {
            return Fail(LinuxErrno.NoEntry);
        }

        if (del.Async && !isListener)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        SockAddr address = del.AddressAs(facts.Family);
        if (address.Port != 0)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        SocketKey? key = FindExact(del, address.Address, ports, newCurrent, newRNext);
        return key is null ? Fail(LinuxErrno.NoEntry) : Unlink(key, del.Async, newCurrent, newRNext, facts);
    }

    private SocketKey? FindExact(TcpAoDel del, IpAddressBits address, KeyPorts ports, SocketKey? newCurrent, SocketKey? newRNext)
    {
        foreach (SocketKey key in _keys.All)
        {
            if (key.Key.SendId == del.SendId
                && key.Key.RecvId == del.ReceiveId
                && key.Address == address
                && key.PrefixLength == del.PrefixLength
                && (key.Flags & AoKeyFlags.InterfaceIndex) == del.KeyFlags
                && key.L3Index == del.InterfaceIndex
                && key.Ports == ports
                && !ReferenceEquals(key, newCurrent)
                && !ReferenceEquals(key, newRNext))
            {
                return key;
            }
        }

        return null;
    }

    private UapiAnswer Unlink(SocketKey key, bool isAsync, SocketKey? newCurrent, SocketKey? newRNext, in SocketFacts facts)
    {
        _keys.Remove(key);
        if (isAsync)
        {
            // a listener uses neither
            _current = ReferenceEquals(_current, key) ? null : _current;
            _rnext = ReferenceEquals(_rnext, key) ? null : _rnext;
        }
        else
        {
            _current = newCurrent ?? _current;
            _rnext = newRNext ?? _rnext;
            if (ReferenceEquals(_current, key) || ReferenceEquals(_rnext, key))
            {
                // R-019; as on Linux the key comes back as the newest, and the others named stay
                _keys.AddFirst(key);
                Lead(facts);
                return Fail(LinuxErrno.Busy) with { KeysChanged = true };
            }
        }

        Lead(facts);
        RemoveFromQueued(key, facts);
        return new UapiAnswer(LinuxErrno.None) { KeysChanged = true };
    }
}
