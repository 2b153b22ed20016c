// linux-uapi 4.4: TCP_AO_INFO.

using TcpAo.Diagnostics;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private UapiAnswer SetInfo(ReadOnlySpan<byte> value, int length, in SocketFacts facts)
    {
        if (length < TcpAoInfoOption.Size)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        Span<byte> bytes = stackalloc byte[TcpAoInfoOption.Size];
        LinuxErrno errno = UapiCopy.Take(value, length, bytes);
        if (errno != LinuxErrno.None)
        {
            return Fail(errno);
        }

        // the last: also in repair mode a connection does not begin with this option
        var info = new TcpAoInfoOption(bytes);
        if (((info.SetCurrent || info.SetRNext) && facts.State == TcpState.Listen) || info.HasReserved || (!HasAo && !facts.IsUnconnected))
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        if (info.AoRequired && HasMd5)
        {
            return Fail(LinuxErrno.KeyRejected);
        }

        SocketKey? newCurrent = info.SetCurrent ? _keys.FindBySendId(info.CurrentKey) : null;
        SocketKey? newRNext = info.SetRNext ? _keys.FindByRecvId(info.RNext) : null;
        if ((info.SetCurrent && newCurrent is null) || (info.SetRNext && newRNext is null))
        {
            return Fail(LinuxErrno.NoEntry);
        }

        if (info.SetCounters)
        {
            AoCounters counters = Counters;
            counters.Good = info.Good;
            counters.Bad = info.Bad;
            counters.KeyNotFound = info.KeyNotFound;
            counters.Required = info.Required;
            counters.DroppedIcmps = info.DroppedIcmps;
        }

        HasAo = true;
        AoRequired = info.AoRequired;
        AcceptIcmps = info.AcceptIcmps;
        _current = newCurrent ?? _current;
        _rnext = newRNext ?? _rnext;
        Lead(facts);
        return new UapiAnswer(LinuxErrno.None) { KeysChanged = true };
    }

    private UapiAnswer GetInfo(ReadOnlySpan<byte> value, int length)
    {
        if (length <= 0)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        // read before it is written: what is reserved may one day ask for something
        Span<byte> bytes = stackalloc byte[TcpAoInfoOption.Size];
        LinuxErrno errno = TakeExtension(ref value, ref length, out KeyPorts? ports);
        errno = errno == LinuxErrno.None ? UapiCopy.Take(value, length, bytes) : errno;
        if (errno != LinuxErrno.None)
        {
            return Fail(errno);
        }

        if (new TcpAoInfoOption(bytes).HasReserved)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        if (!HasAo)
        {
            return Fail(LinuxErrno.NoEntry);
        }

        bytes.Clear();
        AoCounters counters = Counters;
        _ = new TcpAoInfoOption(bytes)
        {
            SetCurrent = _current is not null,
            CurrentKey = _current?.Key.SendId ?? 0,
            SetRNext = _rnext is not null,
            RNext = _rnext?.Key.RecvId ?? 0,
            AoRequired = AoRequired,
            AcceptIcmps = AcceptIcmps,
            Good = counters.Good,
            Bad = counters.Bad,
            KeyNotFound = counters.KeyNotFound,
            Required = counters.Required,
            DroppedIcmps = counters.DroppedIcmps,
        };
        UapiAnswer answer = Write(bytes, length);
        return ports is not null ? answer with { Writes = [.. answer.Writes, new UapiWrite(TcpAoExtension.Offset, DescribeLastIds())] } : answer;
    }

    private byte[] DescribeLastIds()
    {
        byte[] block = new byte[TcpAoExtension.Size];
        TcpAoExtension extension = TcpAoExtension.CreateBlock(block);

        //
        if (_connection is { LastKeyId: { } keyId, LastRNextKeyId: { } rnextKeyId })
        {
            extension.HasLastIds = true;
            extension.LastKeyId = keyId;
            extension.LastRNextKeyId = rnextKeyId;
        }

        return block;
    }
}
