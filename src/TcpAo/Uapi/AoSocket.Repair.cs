// linux-uapi 4.5: TCP_AO_REPAIR, which moves a connection's ISNs and SNEs to another socket.

using TcpAo.Connections;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private (uint SendIsn, uint ReceiveIsn, uint SendSne, uint ReceiveSne) _repair;

    /// <summary>
    /// What <see cref="AoEngine.Restore"/> makes a connection of that was set up in repair mode, without a handshake; null where the socket has no TCP-AO.
    /// </summary>
    /// <param name="facts">With <see cref="SocketFacts.Pair"/>, <see cref="SocketFacts.SendSequence"/> and <see cref="SocketFacts.ReceiveSequence"/>.</param>
    public SavedConnection? Continue(in SocketFacts facts) => !HasAo ? null : new SavedConnection(
        facts.Pair,
        ConnectionState.Synchronized,
        Protection.Signed,
        _repair.SendIsn,
        _repair.ReceiveIsn,
        _repair.SendSne,
        facts.SendSequence,
        _repair.ReceiveSne,
        facts.ReceiveSequence,
        _current?.Key.SendId,
        _rnext?.Key.RecvId);

    private UapiAnswer SetRepair(ReadOnlySpan<byte> value, int length, in SocketFacts facts)
    {
        if (!facts.MayRepair || facts.State == TcpState.Listen)
        {
            return Fail(LinuxErrno.OperationNotPermitted);
        }

        if (length < TcpAoRepairOption.Size)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        Span<byte> bytes = stackalloc byte[TcpAoRepairOption.Size];
        LinuxErrno errno = UapiCopy.Take(value, length, bytes);
        if (errno != LinuxErrno.None)
        {
            return Fail(errno);
        }

        if (!facts.InRepair)
        {
            return Fail(LinuxErrno.OperationNotPermitted);
        }

        if (!HasAo)
        {
            return Fail(LinuxErrno.NoEntry);
        }

        var repair = new TcpAoRepairOption(bytes);
        _repair = (repair.SendIsn, repair.ReceiveIsn, repair.SendSne, repair.ReceiveSne);
        if (_connection is not null && Continue(facts with { Pair = _connection.Pair }) is { } saved)
        {
            _connection.Load(saved);
        }

        return new UapiAnswer(LinuxErrno.None);
    }

    private UapiAnswer GetRepair(int length, in SocketFacts facts)
    {
        if (!facts.MayRepair || facts.State == TcpState.Listen)
        {
            return Fail(LinuxErrno.OperationNotPermitted);
        }

        if (length <= 0)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        if (!facts.InRepair)
        {
            return Fail(LinuxErrno.OperationNotPermitted);
        }

        if (!HasAo)
        {
            return Fail(LinuxErrno.NoEntry);
        }

        if (_connection is { } connection)
        {
            _repair = (connection.LocalIsn ?? 0, connection.RemoteIsn ?? 0, connection.SendSne, connection.ReceiveSne);
        }

        Span<byte> bytes = stackalloc byte[TcpAoRepairOption.Size];
        _ = new TcpAoRepairOption(bytes)
        {
            SendIsn = _repair.SendIsn,
            ReceiveIsn = _repair.ReceiveIsn,
            SendSne = _repair.SendSne,
            ReceiveSne = _repair.ReceiveSne,
        };
        return Write(bytes, length);
    }
}
