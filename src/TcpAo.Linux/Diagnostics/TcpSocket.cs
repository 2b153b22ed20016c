using TcpAo.Connections;
using TcpAo.Uapi;

namespace TcpAo.Linux.Diagnostics;

/// <summary>A TCP socket of a network namespace, as the kernel told of it.</summary>
/// <param name="Pair">
/// Its two ends. An IPv4 connection of an IPv6 socket is an IPv4 one. Where the remote end is link-local the
/// interface is part of the pair. Of a listener the remote end, and where it listens on
/// all addresses the local one, is all zeros.
/// </param>
/// <param name="State">Its state.</param>
/// <param name="Cookie">
/// A number that no other socket of the running kernel has had: SO_COOKIE of socket(7). From SYN-RECEIVED to TIME-WAIT it is the same.
/// </param>
/// <param name="InterfaceIndex">The interface or VRF that the socket is bound to, also by the scope of a link-local address; 0 for none.</param>
/// <param name="Uid">The user that made it; 0 in SYN-RECEIVED, TIME-WAIT and of one that is gone.</param>
/// <param name="Inode">Its inode; 0 where no process holds it or accepted it yet, and of one that is gone.</param>
public readonly record struct TcpSocket(SocketPair Pair, TcpState State, ulong Cookie, int InterfaceIndex, uint Uid, uint Inode);
