using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>kill -9 of the process that has table and queue: the rules stay, and nothing passes.</summary>
public sealed class ProcessDeathTests
{
    private const string NamespaceVariable = "TCPAO_TEST_NAMESPACE";

    [Fact]
    public void Process_Killed_LeavesTheRulesAndNothingPasses()
    {
        using TwoHosts hosts = new();
        using Process holder = StartHolder(hosts.A);
        try
        {
            using NftRuleset watcher = Rules.Open(hosts.A);
            Wait.Until(() => holder.HasExited || hosts.A.Space.Run(NfQueueStatistics.Read).Count == 1, "the other process had its queue");
            Transfer.Run(hosts.A, hosts.B, TwoHosts.B4, 179, 100_000);
            NftTableState alive = watcher.Read()!;
            Assert.Equal(watcher.Support.HasPersistentOwner, alive.OwnerPortId != 0);

            holder.Kill();
            holder.WaitForExit();
            Wait.Until(() => hosts.A.Space.Run(NfQueueStatistics.Read).Count == 0, "the queue was gone");
            NftTableState dead = watcher.Read()!;
            Assert.True(dead.IsActive);
            Assert.Equal((alive.Handle, alive.RuleCount, 0u), (dead.Handle, dead.RuleCount, dead.OwnerPortId));

            long before = hosts.B.SegmentsIn();
            using Socket client = hosts.A.Tcp(AddressFamily.InterNetwork);
            Task connect = client.ConnectAsync(new IPEndPoint(TwoHosts.B4, 179), TestContext.Current.CancellationToken).AsTask();
            using Socket to = hosts.B.Udp(TwoHosts.B4, 9);
            using Socket from = hosts.A.Udp(TwoHosts.A4, 9);
            from.SendTo("udp"u8, new IPEndPoint(TwoHosts.B4, 9));
            Assert.Equal(3, to.Receive(new byte[3]));
            Assert.Equal(before, hosts.B.SegmentsIn());
            Assert.False(connect.IsCompleted);

            // a later process lets the same SYN, sent again, through
            watcher.Replace(Rules.Model(Rules.Session($"{TwoHosts.B4}")));
            using Socket listener = hosts.B.Listen(TwoHosts.B4, 179);
            using QueueLoop loop = new(hosts.A, Rules.Queue, QueueLoop.Accept);
            Wait.For(connect);
        }
        finally
        {
            if (!holder.HasExited)
            {
                holder.Kill();
            }
        }
    }

    /// <summary>The other process of the test above: it installs rules, accepts what is queued, and is killed.</summary>
    [Fact]
    public void Holder_StartedByTheTestAbove_RunsUntilKilled()
    {
        if (Environment.GetEnvironmentVariable(NamespaceVariable) is not { } path)
        {
            return;
        }

        using NetworkNamespace space = NetworkNamespace.Open(path);
        space.Run(() =>
        {
            using NftRuleset rules = NftRuleset.Open();
            rules.Replace(Rules.Model(Rules.Session($"{TwoHosts.B4}")));
            using NfQueue queue = NfQueue.Bind(Rules.Queue);

            // not longer than the test that kills it waits
            for (Stopwatch watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < 3 * Wait.Milliseconds;)
            {
                if (queue.TryReceive(1000, out NfQueueBatch batch))
                {
                    foreach (NfQueuePacket packet in batch)
                    {
                        packet.Accept();
                    }

                    queue.Complete();
                }
            }
        });
    }

    private static Process StartHolder(Host host)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) is "dotnet")
        {
            start.ArgumentList.Add(typeof(ProcessDeathTests).Assembly.Location);
        }

        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*.{nameof(Holder_StartedByTheTestAbove_RunsUntilKilled)}");
        start.Environment[NamespaceVariable] = host.Space.Path;
        return Process.Start(start)!;
    }
}
