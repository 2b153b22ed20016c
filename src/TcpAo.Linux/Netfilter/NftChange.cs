namespace TcpAo.Linux.Netfilter;

/// <summary>A transaction on the namespace's rule set that somebody committed.</summary>
/// <param name="TouchesTable">Whether it changed something of the table <c>tcpao</c>, or may have (<paramref name="IsLost"/>).</param>
/// <param name="IsLost">Notifications were lost: read the table again.</param>
/// <param name="PortId">Netlink port of who did it; compare with <see cref="NftRuleset.PortId"/>.</param>
/// <param name="Generation">The generation after it, 0 when unknown.</param>
/// <param name="ThreadId">Thread of who did it, which for a program of one thread is the process; 0 when unknown.</param>
/// <param name="ThreadName">The thread's name, or empty.</param>
public readonly record struct NftChange(bool TouchesTable, bool IsLost, uint PortId, uint Generation, int ThreadId, string ThreadName);
