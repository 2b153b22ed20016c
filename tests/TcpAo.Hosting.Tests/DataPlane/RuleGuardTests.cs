using System.Collections.Concurrent;
using TcpAo.Hosting.DataPlane;
using TcpAo.Keys;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

/// <summary>
/// Rules that somebody else changed are put back. A kernel whose tables have owners (Linux 6.9 and later) lets nobody do that: here the guard takes our own
/// changes for another's.
/// </summary>
public sealed class RuleGuardTests
{
    private const uint SomebodyElse = uint.MaxValue;

    private readonly BlockingCollection<string> _said = [];

    [Fact]
    public void Change_OfSomebodyElse_IsRestoredAndOfOurselvesIsNot()
    {
        using NetworkNamespace space = Create();
        using NftRuleset rules = space.Run(() => NftRuleset.Open());
        int restored = 0;
        using (space.Run(() => new RuleGuard(rules.PortId, () => restored++, _said.Add)))
        using (space.Run(() => new RuleGuard(SomebodyElse, () => _said.Add("restore"), _said.Add)))
        {
            rules.Replace(Model());
            Assert.Equal("restore", Take());
            Assert.EndsWith("they are restored", Take(), StringComparison.Ordinal);
        }

        // both guards have ended and read what there was
        Assert.Equal(0, restored);
    }

    [Fact]
    public void Restore_RefusedByTheKernel_IsToldAndTriedAgainAtTheNextChange()
    {
        const int Busy = 16;
        using NetworkNamespace space = Create();
        using NftRuleset rules = space.Run(() => NftRuleset.Open());
        int tried = 0;
        void Restore()
        {
            if (tried++ == 0)
            {
                throw new LinuxException(Busy, "Could not replace the rules.");
            }
        }

        using (space.Run(() => new RuleGuard(SomebodyElse, Restore, _said.Add)))
        {
            rules.Replace(Model());
            Assert.Contains("could not be restored: Could not replace the rules.", Take(), StringComparison.Ordinal);
            rules.Replace(Model());
            Assert.EndsWith("they are restored", Take(), StringComparison.Ordinal);
        }

        Assert.Equal(2, tried);
    }

    private static NftModel Model() => new() { Traffic = [new ProtectedTraffic(ConnectionMatch.Any)] };

    private static NetworkNamespace Create()
    {
        try
        {
            return NetworkNamespace.Create();
        }
        catch (LinuxException error) when (error.IsPrivilege)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    private string Take()
    {
        const int Limit = 20_000;
        Assert.True(_said.TryTake(out string? line, Limit, TestContext.Current.CancellationToken), "the guard said nothing");
        return line;
    }
}
