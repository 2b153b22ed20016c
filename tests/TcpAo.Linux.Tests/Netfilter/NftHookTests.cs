using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Netlink;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

public sealed class NftHookTests
{
    [Fact]
    public void ReadAll_WithChainsOfOthers_TellsThoseOutsideOurs()
    {
        using Host host = Host.Create();
        using NftRuleset ours = Rules.Install(host, Rules.Session("192.0.2.1"));
        host.Space.Run(() =>
        {
            using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER);
            NftBatch batch = new(socket, "another");
            batch.Begin(null);
            batch.NewTable(0);
            batch.NewBaseChain("early", NftUapi.NF_INET_PRE_ROUTING, -301);
            batch.NewBaseChain("later", NftUapi.NF_INET_PRE_ROUTING, 0);
            batch.NewBaseChain("last", NftUapi.NF_INET_POST_ROUTING, 301);
            batch.NewBaseChain("nat", NftUapi.NF_INET_POST_ROUTING, 100);
            batch.End();
            socket.Transact(batch.Buffer, batch.LastSequence, "Could not make a table for the test.");
        });
        IReadOnlyList<NftHook> hooks = host.Space.Run(NftHook.ReadAll);
        Assert.Equal(6, hooks.Count);
        Assert.Equal(["early", "last"], hooks.Where(hook => hook.IsOutsideOurs).Select(hook => hook.Chain).Order(StringComparer.Ordinal));
        Assert.Contains(new NftHook(NftUapi.NFPROTO_INET, "another", "early", NftUapi.NF_INET_PRE_ROUTING, -301), hooks);
    }
}
