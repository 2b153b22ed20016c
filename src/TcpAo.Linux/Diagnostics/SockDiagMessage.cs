// sock_diag(7): struct inet_diag_req_v2 and struct inet_diag_msg. The kernel's cookie is two numbers of 32 bits, the low one first.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;
using TcpAo.Uapi;

namespace TcpAo.Linux.Diagnostics;

/// <summary>Writes requests and reads answers.</summary>
internal static class SockDiagMessage
{
    /// <summary>Writes a request for all sockets of a family in some states.</summary>
    public static void WriteDump(NetlinkBuffer request, uint sequence, byte family, uint states)
    {
        request.Clear();
        request.Begin(SockDiagUapi.SOCK_DIAG_BY_FAMILY, NetlinkUapi.NLM_F_REQUEST | NetlinkUapi.NLM_F_DUMP, sequence);
        Span<byte> body = request.Append(SockDiagUapi.RequestLength);
        body[0] = family;
        body[SockDiagUapi.RequestProtocolOffset] = SockDiagUapi.IPPROTO_TCP;
        MemoryMarshal.Write(body[SockDiagUapi.RequestStatesOffset..], states);
        request.End();
    }

    /// <summary>Writes a request about one socket.</summary>
    public static void WriteOne(NetlinkBuffer request, ushort type, int flags, uint sequence, in SocketPair pair, int interfaceIndex, ulong cookie)
    {
        // an IPv4 lookup finds IPv4 connections of IPv6 sockets too
        bool isIPv4 = pair.Local.IsIPv4 && pair.Remote.IsIPv4;
        request.Clear();
        request.Begin(type, NetlinkUapi.NLM_F_REQUEST | flags, sequence);
        Span<byte> body = request.Append(SockDiagUapi.RequestLength);
        body[0] = (byte)(isIPv4 ? Libc.AF_INET : Libc.AF_INET6);
        body[SockDiagUapi.RequestProtocolOffset] = SockDiagUapi.IPPROTO_TCP;
        MemoryMarshal.Write(body[SockDiagUapi.RequestStatesOffset..], SockDiagUapi.AllStates);
        Span<byte> id = body[SockDiagUapi.RequestIdOffset..];
        BinaryPrimitives.WriteUInt16BigEndian(id[SockDiagUapi.IdLocalPortOffset..], pair.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(id[SockDiagUapi.IdRemotePortOffset..], pair.RemotePort);
        WriteAddress(id[SockDiagUapi.IdLocalOffset..], pair.Local, isIPv4);
        WriteAddress(id[SockDiagUapi.IdRemoteOffset..], pair.Remote, isIPv4);
        MemoryMarshal.Write(id[SockDiagUapi.IdInterfaceOffset..], interfaceIndex);
        MemoryMarshal.Write(id[SockDiagUapi.IdCookieOffset..], (uint)cookie);
        MemoryMarshal.Write(id[(SockDiagUapi.IdCookieOffset + 4)..], (uint)(cookie >> 32));
        request.End();
    }

    /// <summary>Reads what the kernel tells of a socket.</summary>
    /// <returns>False when the message is of something else.</returns>
    public static bool TryRead(NetlinkMessage message, out TcpSocket socket)
    {
        socket = default;
        ReadOnlySpan<byte> body = message.Body;
        if (message.Type != SockDiagUapi.SOCK_DIAG_BY_FAMILY || body.Length < SockDiagUapi.MessageLength
            || body[0] is not (Libc.AF_INET or Libc.AF_INET6))
        {
            return false;
        }

        int addressLength = body[0] == Libc.AF_INET ? 4 : 16;
        ReadOnlySpan<byte> id = body[SockDiagUapi.MessageIdOffset..];
        int interfaceIndex = MemoryMarshal.Read<int>(id[SockDiagUapi.IdInterfaceOffset..]);
        var remote = IpAddressBits.FromBytes(id.Slice(SockDiagUapi.IdRemoteOffset, addressLength));
        SocketPair pair = new(
            IpAddressBits.FromBytes(id.Slice(SockDiagUapi.IdLocalOffset, addressLength)),
            remote,
            BinaryPrimitives.ReadUInt16BigEndian(id[SockDiagUapi.IdLocalPortOffset..]),
            BinaryPrimitives.ReadUInt16BigEndian(id[SockDiagUapi.IdRemotePortOffset..]),
            remote.IsLinkLocal ? interfaceIndex : 0);
        socket = new TcpSocket(
            pair,
            (TcpState)body[SockDiagUapi.MessageStateOffset],
            MemoryMarshal.Read<uint>(id[SockDiagUapi.IdCookieOffset..]) | ((ulong)MemoryMarshal.Read<uint>(id[(SockDiagUapi.IdCookieOffset + 4)..]) << 32),
            interfaceIndex,
            MemoryMarshal.Read<uint>(body[SockDiagUapi.MessageUidOffset..]),
            MemoryMarshal.Read<uint>(body[SockDiagUapi.MessageInodeOffset..]));
        return true;
    }

    private static void WriteAddress(Span<byte> to, IpAddressBits address, bool isIPv4)
    {
        if (isIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to, (uint)address.Low);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(to, address.High);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], address.Low);
    }
}
