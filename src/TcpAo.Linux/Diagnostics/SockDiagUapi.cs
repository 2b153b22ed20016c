// Constants of linux/sock_diag.h, linux/inet_diag.h, linux/in.h.
namespace TcpAo.Linux.Diagnostics;

internal static class SockDiagUapi
{
    public const ushort SOCK_DIAG_BY_FAMILY = 20;
    public const ushort SOCK_DESTROY = 21;

    public const int SKNLGRP_INET_TCP_DESTROY = 1;
    public const int SKNLGRP_INET6_TCP_DESTROY = 3;

    public const byte IPPROTO_TCP = 6;
    public const ulong INET_DIAG_NOCOOKIE = ulong.MaxValue;

    // struct inet_diag_req_v2
    public const int RequestLength = 56;
    public const int RequestProtocolOffset = 1;
    public const int RequestStatesOffset = 4;
    public const int RequestIdOffset = 8;

    // struct inet_diag_msg
    public const int MessageLength = 72;
    public const int MessageStateOffset = 1;
    public const int MessageIdOffset = 4;
    public const int MessageUidOffset = 64;
    public const int MessageInodeOffset = 68;

    // struct inet_diag_sockid
    public const int IdLocalPortOffset = 0;
    public const int IdRemotePortOffset = 2;
    public const int IdLocalOffset = 4;
    public const int IdRemoteOffset = 20;
    public const int IdInterfaceOffset = 36;
    public const int IdCookieOffset = 40;

    // a bit for each state from 1 to 12; the twelfth is a request that waits for the last segment of its handshake, told as SYN_RECV
    public const uint AllStates = 0x1FFE;
    public const uint NewSynReceivedState = 1 << 12;
}
