namespace TcpAo.Linux.Netlink;

/// <summary>Gets the messages of an answer one by one.</summary>
internal delegate void NetlinkHandler(NetlinkMessage message);
