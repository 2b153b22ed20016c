using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>The rules are exchanged while segments pass: none slips by, none is lost.</summary>
public sealed class ReplaceTests
{
    [Fact]
    public void Replace_UnderTraffic_LeaksAndDropsNothing()
    {
        using TwoHosts hosts = new();
        OptionWorker a = new();
        OptionWorker b = new();
        ProtectedTraffic[] ofA = Rules.Session($"{TwoHosts.B4}");
        ProtectedTraffic[] ofB = Rules.Session($"{TwoHosts.A4}");
        using NftRuleset rulesOfA = Rules.Install(hosts.A, ofA);
        using NftRuleset rulesOfB = Rules.Install(hosts.B, ofB);
        int replaced = 0;
        QueueLoop loopOfA = new(hosts.A, Rules.Queue, a.Handle);
        QueueLoop loopOfB = new(hosts.B, Rules.Queue, b.Handle);
        try
        {
            using CancellationTokenSource stop = new();
            Task replacing = Task.Factory.StartNew(
                () =>
                {
                    for (; !stop.IsCancellationRequested; replaced++)
                    {
                        // other peers come and go
                        ProtectedTraffic[] others = [.. Enumerable.Range(0, replaced % 50).SelectMany(i => Rules.Session($"192.0.2.{i}"))];
                        rulesOfA.Replace(Rules.Model([.. others, .. ofA]));
                        rulesOfB.Replace(Rules.Model([.. others, .. ofB]));
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            int transfers = 0;
            for (; transfers < 10 || Volatile.Read(ref replaced) < 100; transfers++)
            {
                Transfer.Run(hosts.A, hosts.B, TwoHosts.B4, 179, 1_000_000);
            }

            stop.Cancel();
            Wait.For(replacing);
            TestContext.Current.TestOutputHelper?.WriteLine($"{replaced} exchanges at each end during {transfers} transfers, {a.Inserted + b.Inserted} segments");

            // what one end signed the other has verified, but for what is still under way
            Wait.Until(() => a.Inserted == b.Removed && b.Inserted == a.Removed, $"all segments arrived: {a.Inserted} of A, {b.Removed} at B; {b.Inserted} of B, {a.Removed} at A");
            Assert.Equal((0, 0, 0, 0), (a.Unsigned, b.Unsigned, a.Refused, b.Refused));
        }
        finally
        {
            loopOfA.Dispose();
            loopOfB.Dispose();
        }
    }
}
