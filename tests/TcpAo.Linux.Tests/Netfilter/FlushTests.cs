using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Netlink;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>What <c>nft flush ruleset</c> does to us: one request that deletes every table.</summary>
public sealed class FlushTests
{
    [Fact]
    public void Flush_OwnerAlive_LeavesTheTable()
    {
        using Host host = Host.Create();
        using NftRuleset rules = Rules.Install(host, Rules.Session("192.0.2.1"));
        Assert.SkipUnless(rules.Support.HasPersistentOwner, "the kernel knows no persistent owners (Linux 6.9)");
        Flush(host);
        Assert.True(rules.Read()!.IsActive);
    }

    [Fact]
    public void Flush_OwnerDead_TakesTheTableAndIsTold()
    {
        using Host host = Host.Create();
        Rules.Install(host, Rules.Session("192.0.2.1")).Dispose();
        using NftMonitor monitor = host.Space.Run(NftMonitor.Open);
        Flush(host);

        // documented: an orphan is nobody's, so this is what remains exposed; who watches installs it again
        using NftRuleset rules = Rules.Open(host);
        Assert.Null(rules.Read());
        Assert.True(monitor.TryRead(Wait.Milliseconds, out NftChange change));
        Assert.True(change.TouchesTable);
        Assert.NotEqual(rules.PortId, change.PortId);
    }

    private static void Flush(Host host) => host.Space.Run(() =>
    {
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER);
        NetlinkBuffer buffer = new();
        buffer.Begin(NetlinkUapi.NFNL_MSG_BATCH_BEGIN, NetlinkUapi.NLM_F_REQUEST, socket.NextSequence());
        buffer.Append(4)[3] = NetlinkUapi.NFNL_SUBSYS_NFTABLES;
        buffer.End();
        uint sequence = socket.NextSequence();
        buffer.BeginNetfilter(NetlinkUapi.NFNL_SUBSYS_NFTABLES, NftUapi.NFT_MSG_DELTABLE, NetlinkUapi.NLM_F_REQUEST | NetlinkUapi.NLM_F_ACK, sequence, 0, 0);
        buffer.End();
        buffer.Begin(NetlinkUapi.NFNL_MSG_BATCH_END, NetlinkUapi.NLM_F_REQUEST, socket.NextSequence());
        buffer.Append(4)[3] = NetlinkUapi.NFNL_SUBSYS_NFTABLES;
        buffer.End();
        socket.Transact(buffer, sequence, "Could not flush the rule set.");
    });
}
