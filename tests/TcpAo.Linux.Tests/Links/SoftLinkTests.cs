using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Links;
using TcpAo.Linux.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Linux.Tests.Links;

/// <summary>What a link in user space does to what real hosts send over it.</summary>
public sealed class SoftLinkTests
{
    private const int Port = 5925;
    private const int EthernetLength = 14;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_OverAWire_ArriveWithFinishedChecksums(bool isIPv6)
    {
        int wrong = 0;
        int seen = 0;
        using var hosts = new LinkedHosts(filter: (frame, _) =>
        {
            byte[] packet = frame[EthernetLength..].ToArray();
            if (TcpPacket.TryParse(packet, out TcpPacket parsed) == DropReason.None)
            {
                ushort checksum = parsed.Checksum;
                TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
                TcpPacket.TryParse(packet, out TcpPacket rewritten);
                Interlocked.Increment(ref seen);
                Interlocked.Add(ref wrong, rewritten.Checksum == checksum || (checksum == 0xFFFF && rewritten.Checksum == 0) ? 0 : 1);
            }

            return true;
        });
        Transfer.Run(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), Port, 1_000_000);
        Assert.True(seen > 1000, $"{seen} segments were seen");
        Assert.Equal(0, wrong);
        Assert.Equal(0, hosts.Link.FromFirst.Lost + hosts.Link.FromFirst.Reordered + hosts.Link.FromFirst.Unfit);
    }

    [Fact]
    public void Bytes_OverABadLine_ArriveAndTheLineWasBad()
    {
        var options = new SoftLinkOptions
        {
            Loss = 0.02,
            Reordering = 0.05,
            Duplication = 0.02,
            Delay = TimeSpan.FromMilliseconds(2),
            BitsPerSecond = 200_000_000,
        };
        using var hosts = new LinkedHosts(options);
        Transfer.Run(hosts.A, hosts.B, TwoHosts.B4, Port, 2_000_000);
        Assert.All((SoftLinkCounters[])[hosts.Link.FromFirst, hosts.Link.FromSecond], counters =>
        {
            Assert.True(counters.Lost > 0 && counters.Reordered > 0 && counters.Duplicated > 0, counters.ToString());
            Assert.True(counters.Delivered <= counters.Received - counters.Lost - counters.Overflowed + counters.Duplicated, counters.ToString());
        });
    }

    [Fact]
    public void Datagrams_ReorderedAndDoubled_ComeOutOfTurnAndTwice()
    {
        const byte Last = 200;
        var options = new SoftLinkOptions { Seed = 3, Reordering = 0.3, ReorderingDelay = TimeSpan.FromMilliseconds(20), Duplication = 0.3 };
        using var hosts = new LinkedHosts(options);
        using Socket to = hosts.B.Udp(TwoHosts.B4, Port);
        using Socket from = hosts.A.Udp(TwoHosts.A4, Port);
        for (int i = 0; i <= Last; i++)
        {
            from.SendTo([(byte)i], new IPEndPoint(TwoHosts.B4, Port));
        }

        var got = new List<byte>();
        byte[] buffer = new byte[1];
        while (got.Distinct().Count() <= Last)
        {
            Assert.Equal(1, to.Receive(buffer));
            got.Add(buffer[0]);
        }

        Assert.NotEqual(got.Order(), got);
        Assert.True(got.Count > Last + 1, "no datagram came twice");
    }

    [Fact]
    public void Filter_SaysNo_SwallowsAndInjectedFramesPassIt()
    {
        byte[]? kept = null;
        using var arrived = new ManualResetEventSlim();
        using var hosts = new LinkedHosts(filter: (frame, isFromFirst) =>
        {
            // UDP over IPv4, and not what resolves addresses
            if (!isFromFirst || frame[12] != 8 || frame[13] != 0 || frame[EthernetLength + 9] != 17)
            {
                return true;
            }

            kept = frame.ToArray();
            arrived.Set();
            return false;
        });
        using Socket to = hosts.B.Udp(TwoHosts.B4, Port);
        using Socket from = hosts.A.Udp(TwoHosts.A4, Port);
        from.SendTo("swallowed"u8, new IPEndPoint(TwoHosts.B4, Port));
        Assert.True(arrived.Wait(Support.Wait.Milliseconds, TestContext.Current.CancellationToken));
        Support.Wait.Until(() => hosts.Link.FromFirst.Swallowed == 1, "the frame was counted");
        Assert.Equal(0, to.Available);
        Assert.True(hosts.Link.Inject(kept, isToFirst: false));
        byte[] buffer = new byte[16];
        Assert.Equal("swallowed"u8, buffer.AsSpan(0, to.Receive(buffer)));
    }

    [Fact]
    public void Frames_MoreThanTheQueueTakes_AreLost()
    {
        using var hosts = new LinkedHosts(new SoftLinkOptions { BitsPerSecond = 1_000_000, QueueLength = 5 });
        using Socket from = hosts.A.Udp(TwoHosts.A4, Port);
        for (int i = 0; i < 100; i++)
        {
            from.SendTo(new byte[1000], new IPEndPoint(TwoHosts.B4, Port));
        }

        Support.Wait.Until(() => hosts.Link.FromFirst.Overflowed > 0, "the queue overflowed");
    }

    [Fact]
    public void Open_NoSuchInterface_SaysSo()
    {
        using Host host = Host.Create();
        LinuxException error = Assert.Throws<LinuxException>(() => host.Space.Run(() => SoftLink.Open("lo", "nowhere").Dispose()));
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }
}
