using System.Net.Sockets;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;
using static TcpAo.Linux.Tests.Sockets.Matrix.MatrixFailureException;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>Several keys, and what is for the socket as a whole.</summary>
internal static class KeyRows
{
    private const int IPPROTO_TCP = 6;
    private const int TCP_REPAIR = 19;

    // tcp.h: off without a probe for the window
    private const int TCP_REPAIR_OFF_NO_WP = -1;

    public static IEnumerable<MatrixRow> Of(Ends ends)
    {
        yield return Row("keys chosen before the connect", ChosenAsync);
        yield return Row("rnext_key moves the peer", MoveAsync);
        yield return Row("a key in use is taken off with others in its place", RemoveAsync);
        yield return Row("ids of another key", SameIds);
        yield return Row("peers of the wrong family", WrongPeer);
        yield return Row("an interface that is no VRF", NoVrf);
        yield return Row("a connection without stays without", LateAsync);
        yield return Row("counters and rules", Info);
        yield return Row("repair", RepairAsync);
        yield return Row("ports of a key", PortsAsync);
        yield return Row("ids of the last segment", ReceivedIdsAsync);

        MatrixRow Row(string name, Func<Meeting, Task> run) => new($"{ends}, {name}", async () =>
        {
            using Meeting meeting = new(ends);
            await run(meeting);
        });
    }

    /// <summary>Keys 1 and 2 at both ends; SendID and RecvID are the same number.</summary>
    private static void AddTwo(Meeting meeting)
    {
        foreach (byte id in (byte[])[1, 2])
        {
            meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client, id, id));
            meeting.Client.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Server, id, id));
        }
    }

    private static async Task ChosenAsync(Meeting meeting)
    {
        AddTwo(meeting);
        meeting.Client.SetTcpAoInfo(new TcpAoInfoChange { CurrentSendId = 1, RNextRecvId = 2 });
        Socket accepted = await meeting.AcceptAsync();

        // it signs with what the SYN asked for, and asks for what it came with
        ThrowUnlessEqual("2 1", InUse(accepted), "keys of the accepted socket");
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        ThrowUnlessEqual("1 2", InUse(meeting.Client), "keys of the client");
        TcpAoKeyStatus asked = accepted.GetTcpAoKeys().Single(key => key.IsRNext);
        ThrowUnless(asked is { RecvId: 1, Good: > 0, Bad: 0 }, $"the key in use: {asked}");
    }

    private static async Task MoveAsync(Meeting meeting)
    {
        AddTwo(meeting);
        meeting.Client.SetTcpAoInfo(new TcpAoInfoChange { CurrentSendId = 1, RNextRecvId = 1 });
        Socket accepted = await meeting.MeetAsync();
        ThrowUnlessEqual("1 1", InUse(accepted), "keys of the accepted socket");
        meeting.Client.SetTcpAoInfo(new TcpAoInfoChange { RNextRecvId = 2 });
        accepted.SetTcpAoInfo(new TcpAoInfoChange { RNextRecvId = 2 });
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        ThrowUnlessEqual("2 2", InUse(accepted), "keys of the accepted socket after the move");
        ThrowUnlessEqual("2 2", InUse(meeting.Client), "keys of the client after the move");
    }

    private static async Task RemoveAsync(Meeting meeting)
    {
        AddTwo(meeting);
        meeting.Client.SetTcpAoInfo(new TcpAoInfoChange { CurrentSendId = 1, RNextRecvId = 1 });
        Socket accepted = await meeting.MeetAsync();
        IpPrefix server = Ends.Host(meeting.Ends.Server);
        IpPrefix client = Ends.Host(meeting.Ends.Client);
        Meeting.Throws(TcpAoError.KeyInUse, () => meeting.Client.RemoveTcpAoKey(new TcpAoKeyRemoval(server, 1, 1)), "a key in use");
        Meeting.Throws(TcpAoError.NoSuchKey, () => meeting.Client.RemoveTcpAoKey(new TcpAoKeyRemoval(server, 7, 7)), "a key that is not there");
        meeting.Client.RemoveTcpAoKey(new TcpAoKeyRemoval(server, 1, 1) { CurrentSendId = 2, RNextRecvId = 2 });
        accepted.RemoveTcpAoKey(new TcpAoKeyRemoval(client, 1, 1) { CurrentSendId = 2, RNextRecvId = 2 });
        await Meeting.ExchangeAsync(meeting.Client, accepted);
        ThrowUnlessEqual(1, meeting.Client.GetTcpAoKeys().Length, "keys of the client");
        Meeting.Throws(TcpAoError.KeyInUse, () => meeting.Client.RemoveTcpAoKey(new TcpAoKeyRemoval(server, 2, 2)), "the last key");

        // a listener does without
        meeting.Listener.RemoveTcpAoKey(new TcpAoKeyRemoval(client, 1, 1) { WithoutWaiting = true });
        ThrowUnlessEqual(1, meeting.Listener.GetTcpAoKeys().Length, "keys of the listener");
    }

    private static Task SameIds(Meeting meeting)
    {
        meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client, 1, 2));
        Meeting.Throws(TcpAoError.IdInUse, () => meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Prefix, 1, 3)), "the same SendID");
        Meeting.Throws(TcpAoError.IdInUse, () => meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Prefix, 3, 2)), "the same RecvID");
        meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Other, 1, 2));
        ThrowUnlessEqual($"{meeting.Ends.Other} {meeting.Ends.Client}", string.Join(' ', meeting.Listener.GetTcpAoKeys().Select(key => key.Peer)), "peers of the keys");
        Meeting.Throws(TcpAoError.MacTooLong, () => meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Prefix.Address.ToIPAddress(), MacAlgorithms.HmacSha256, 17)), "a MAC of 17 bytes");
        return Task.CompletedTask;
    }

    private static Task WrongPeer(Meeting meeting)
    {
        if (meeting.Ends.IsDualMode)
        {
            Meeting.Throws(TcpAoError.WrongPeer, () => meeting.Listener.AddTcpAoKey(MatrixKey.Ao(IpPrefix.Any)), "a key for everybody on a dual-mode socket");
        }
        else
        {
            IpPrefix other = Ends.All.First(ends => ends.Prefix.Family != meeting.Ends.Prefix.Family).Prefix;
            Meeting.Throws(TcpAoError.WrongPeer, () => meeting.Listener.AddTcpAoKey(MatrixKey.Ao(other)), "a key for the other family");
        }

        return Task.CompletedTask;
    }

    private static Task NoVrf(Meeting meeting)
    {
        TcpAoKey key = MatrixKey.Ao(meeting.Ends.Client);
        Meeting.Throws(
            TcpAoError.InvalidValue,
            () => meeting.Listener.AddTcpAoKey(new TcpAoKey(key.Peer, 1, 1, key.MasterKey) { InterfaceIndex = 1 }),
            "the loopback device as a VRF");
        meeting.Listener.AddTcpAoKey(new TcpAoKey(key.Peer, 1, 1, key.MasterKey) { InterfaceIndex = 0 });
        ThrowUnlessEqual(0, meeting.Listener.GetTcpAoKeys().Single().InterfaceIndex, "VRF of the key");
        return Task.CompletedTask;
    }

    private static async Task LateAsync(Meeting meeting)
    {
        Socket accepted = await meeting.MeetAsync(isSigned: false);
        Meeting.Throws(TcpAoError.ConnectedWithout, () => accepted.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client)), "a key for a connection without");
        Meeting.Throws(TcpAoError.NoSuchKey, () => accepted.GetTcpAoInfo(), "TCP-AO of a connection without");
        ThrowUnlessEqual(0, accepted.GetTcpAoKeys().Length, "keys of a connection without");
    }

    private static Task Info(Meeting meeting)
    {
        Socket socket = meeting.Client;
        socket.SetTcpAoInfo(new TcpAoInfoChange { AcceptIcmps = true });
        socket.SetTcpAoInfo(new TcpAoInfoChange { Counters = new TcpAoCounters(5, 4, 3, 2, 1) });
        ThrowUnlessEqual(new TcpAoInfo(null, null, false, true, new TcpAoCounters(5, 4, 3, 2, 1)), socket.GetTcpAoInfo(), "TCP-AO of the socket");
        Meeting.Throws(TcpAoError.NoSuchKey, () => socket.SetTcpAoInfo(new TcpAoInfoChange { CurrentSendId = 1 }), "a key that is not there");
        socket.AddTcpAoKey(new TcpAoKey(Ends.Host(meeting.Ends.Server), 1, 2, MatrixKey.Ao(meeting.Ends.Server).MasterKey) { IsCurrent = true, IsRNext = true });
        ThrowUnlessEqual("1 2", InUse(socket), "keys in use");
        return Task.CompletedTask;
    }

    private static async Task RepairAsync(Meeting meeting)
    {
        AddTwo(meeting);
        Socket accepted = await meeting.MeetAsync();
        Meeting.Throws(TcpAoError.NotPermitted, () => meeting.Client.GetTcpAoRepair(), "repair outside its mode");
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        TcpAoRepairState client = InRepair(meeting.Client, () => meeting.Client.GetTcpAoRepair());
        TcpAoRepairState server = InRepair(accepted, () => accepted.GetTcpAoRepair());
        ThrowUnlessEqual(client, new TcpAoRepairState(server.ReceiveIsn, server.SendIsn, server.ReceiveSne, server.SendSne), "ISNs and SNEs of both ends");

        // the same again changes nothing
        InRepair(meeting.Client, () =>
        {
            meeting.Client.SetTcpAoRepair(client);
            return client;
        });
        await Meeting.ExchangeAsync(meeting.Client, accepted);
    }

    private static TcpAoRepairState InRepair(Socket socket, Func<TcpAoRepairState> call)
    {
        socket.SetRawSocketOption(IPPROTO_TCP, TCP_REPAIR, BitConverter.GetBytes(1));
        try
        {
            return call();
        }
        finally
        {
            socket.SetRawSocketOption(IPPROTO_TCP, TCP_REPAIR, BitConverter.GetBytes(TCP_REPAIR_OFF_NO_WP));
        }
    }

    private static async Task PortsAsync(Meeting meeting)
    {
        ushort port = (ushort)((System.Net.IPEndPoint)meeting.Listener.LocalEndPoint!).Port;
        TcpAoKey key = MatrixKey.Ao(meeting.Ends.Server);
        TcpAoKey right = new(key.Peer, 1, 1, key.MasterKey) { RemotePorts = PortMatch.Of(port) };
        if (!TcpAoSupport.HasExtension)
        {
            Meeting.Throws(TcpAoError.ExtensionNotSupported, () => meeting.Client.AddTcpAoKey(right), "ports of a key");
            return;
        }

        // the same ids for other ports
        meeting.Client.AddTcpAoKey(new TcpAoKey(key.Peer, 1, 1, MatrixKey.Ao(key.Peer, isRight: false).MasterKey) { RemotePorts = PortMatch.Of((ushort)(port ^ 1)) });
        meeting.Client.AddTcpAoKey(right);
        ThrowUnlessEqual(PortMatch.Of(port), meeting.Client.GetTcpAoKeys()[0].RemotePorts, "ports of the key");
        meeting.Listener.AddTcpAoKey(MatrixKey.Ao(meeting.Ends.Client));
        await meeting.MeetAsync();
    }

    private static async Task ReceivedIdsAsync(Meeting meeting)
    {
        AddTwo(meeting);
        meeting.Client.SetTcpAoInfo(new TcpAoInfoChange { CurrentSendId = 1, RNextRecvId = 2 });
        Socket accepted = await meeting.MeetAsync();
        if (TcpAoSupport.HasExtension)
        {
            ThrowUnlessEqual(new TcpAoReceivedIds(1, 2), accepted.GetTcpAoReceivedIds(), "ids of the last segment");
        }
        else
        {
            Meeting.Throws(TcpAoError.ExtensionNotSupported, () => accepted.GetTcpAoReceivedIds(), "ids of the last segment");
        }
    }

    private static string InUse(Socket socket)
    {
        TcpAoInfo info = socket.GetTcpAoInfo();
        return $"{info.CurrentSendId} {info.RNextRecvId}";
    }
}
