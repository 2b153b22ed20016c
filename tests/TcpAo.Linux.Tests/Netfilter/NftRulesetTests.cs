using System.Diagnostics;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>The table itself: who owns it, what it survives, how it is exchanged and watched.</summary>
public sealed class NftRulesetTests
{
    [Fact]
    public void Table_Installed_IsActiveAndOwned()
    {
        using Host host = Host.Create();
        using NftRuleset rules = Rules.Install(host, Rules.Session("192.0.2.1"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{rules.Support}");
        NftTableState state = rules.Read()!;
        Assert.True(state.IsActive);
        Assert.True(rules.Support.CanQueue);
        if (rules.Support.HasPersistentOwner)
        {
            Assert.Equal((6u, rules.PortId), (state.Flags, state.OwnerPortId));
        }
    }

    [Fact]
    public void Table_OwnerAlive_RefusesAnother()
    {
        using Host host = Host.Create();
        using NftRuleset owner = Rules.Install(host, Rules.Session("192.0.2.1"));
        using NftRuleset other = Rules.Open(host);
        Assert.SkipUnless(owner.Support.HasPersistentOwner, "the kernel knows no persistent owners (Linux 6.9)");
        Assert.Equal(Errno.EPERM, Assert.Throws<LinuxException>(() => other.Replace(Rules.Model(Rules.Session("192.0.2.2")))).Errno);
        Assert.Equal(Errno.EPERM, Assert.Throws<LinuxException>(() => other.Remove()).Errno);
        Assert.True(owner.Read()!.IsActive);
    }

    [Fact]
    public void Table_OwnerDead_StaysAndIsTakenOver()
    {
        using Host host = Host.Create();
        NftRuleset owner = Rules.Install(host, Rules.Session("192.0.2.1"));
        ulong handle = owner.Read()!.Handle;
        owner.Dispose();

        using NftRuleset other = Rules.Open(host);
        NftTableState state = other.Read()!;
        Assert.True(state.IsActive);
        Assert.Equal(handle, state.Handle);
        Assert.Equal(0u, state.OwnerPortId);
        other.Replace(Rules.Model(Rules.Session("192.0.2.2")));
        state = other.Read()!;
        Assert.Equal(handle, state.Handle);
        if (other.Support.HasPersistentOwner)
        {
            Assert.Equal(other.PortId, state.OwnerPortId);
        }

        other.Dispose();
        using NftRuleset last = Rules.Open(host);
        Assert.True(last.Remove());
        Assert.Null(last.Read());
    }

    [Fact]
    public void Replace_SameModel_ChangesNoCounts()
    {
        using Host host = Host.Create();
        using NftRuleset rules = Rules.Install(host, Rules.Session("192.0.2.1"));
        NftTableState before = rules.Read()!;
        for (int i = 0; i < 20; i++)
        {
            rules.Replace(Rules.Model(Rules.Session("192.0.2.1")));
        }

        NftTableState after = rules.Read()!;
        Assert.Equal((before.RuleCount, before.Chains.Count, before.Sets.Count, before.Handle), (after.RuleCount, after.Chains.Count, after.Sets.Count, after.Handle));
    }

    [Fact]
    public void Replace_NobodyProtected_KeepsTheTable()
    {
        using Host host = Host.Create();
        using NftRuleset rules = Rules.Install(host, Rules.Session("192.0.2.1"));
        rules.Replace(Rules.Model());
        Assert.True(rules.Read()!.IsActive);
        Transfer.Run(host, host, System.Net.IPAddress.Loopback, 179, 1000);
    }

    [Fact]
    public void Monitor_OwnAndForeignChanges_NamesWhoDidThem()
    {
        using Host host = Host.Create();
        using NftMonitor monitor = host.Space.Run(NftMonitor.Open);
        NftRuleset rules = Rules.Install(host, Rules.Session("192.0.2.1"));
        Assert.True(monitor.TryRead(Wait.Milliseconds, out NftChange change));
        Assert.Equal((true, false, rules.PortId), (change.TouchesTable, change.IsLost, change.PortId));
        Assert.NotEqual((0, ""), (change.ThreadId, change.ThreadName));
        Assert.Equal(rules.Read()!.Generation, change.Generation);
        Assert.False(monitor.TryRead(0, out _));

        uint port = rules.PortId;
        rules.Dispose();
        using NftRuleset other = Rules.Open(host);
        other.Remove();
        Assert.True(monitor.TryRead(Wait.Milliseconds, out change));
        Assert.True(change.TouchesTable);
        Assert.NotEqual(port, change.PortId);
    }

    [Theory]
    [InlineData(1_000, 1_000)]
    [InlineData(100_000, 20_000)]
    public void Rules_ManyPeers_LoadInTime(int count, int limitMilliseconds)
    {
        using Host host = Host.Create();
        using NftRuleset rules = Rules.Open(host);
        ProtectedTraffic[] traffic = [.. Enumerable.Range(0, count).SelectMany(i => i % 2 == 0
            ? Rules.Session($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}")
            : Rules.Session($"2001:db8::{i >> 16:x}:{i & 0xFFFF:x}"))];
        NftModel model = Rules.Model(traffic);
        Stopwatch watch = Stopwatch.StartNew();
        rules.Replace(model);
        TimeSpan first = watch.Elapsed;
        watch.Restart();
        rules.Replace(model);
        TestContext.Current.TestOutputHelper?.WriteLine($"{count} peers: {first.TotalMilliseconds:F0} ms, again {watch.Elapsed.TotalMilliseconds:F0} ms");
        Assert.InRange(first.TotalMilliseconds, 0, limitMilliseconds);
        Assert.True(rules.Read()!.IsActive);
    }

    [Fact]
    public void Queue_BoundTwice_SaysThatItIsTaken()
    {
        using Host host = Host.Create();
        using QueueLoop loop = new(host, 7, QueueLoop.Accept);
        LinuxException exception = Assert.Throws<LinuxException>(() => host.Space.Run(() => NfQueue.Bind(7)));
        Assert.Contains("queue 7", exception.Message, StringComparison.Ordinal);
        NfQueueStatistics statistics = Assert.Single(host.Space.Run(NfQueueStatistics.Read));
        Assert.Equal((7, 0L, 0L, 0L), (statistics.Queue, statistics.Depth, statistics.QueueDropped, statistics.UserDropped));
    }
}
