using System.Net;
using System.Net.Sockets;
using TcpAo.Keys;
using TcpAo.Linux.Tests.Support;
using TcpAo.Linux.Tun;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Linux.Tests.Tun;

/// <summary>Whose segments a packet socket takes.</summary>
public sealed class LinkReceiverTests
{
    private const int Port = 179;
    private const int Capacity = 8;

    [Theory]
    [InlineData(false, true, "10.59.25.2")]
    [InlineData(false, true, "10.59.24.0/21", "fd00::1")]
    [InlineData(false, true, "192.0.2.1", "192.0.2.0/24", "10.59.25.2")]
    [InlineData(false, true, "any")]
    [InlineData(false, true, "0.0.0.0/0")]
    [InlineData(false, false, "10.59.25.3")]
    [InlineData(false, false, "10.59.32.0/21")]
    [InlineData(false, false, "::/0")]
    [InlineData(true, true, "fd59:25::2")]
    [InlineData(true, true, "10.59.25.2", "fd59:25::/64")]
    [InlineData(true, true, "fd59:20::/27")]
    [InlineData(true, true, "2001:db8::/32", "fd59:25::/61")]
    [InlineData(true, false, "fd59:25::3")]
    [InlineData(true, false, "fd59:25:0:8::/61")]
    [InlineData(true, false, "0.0.0.0/0")]
    public void Segment_OfB_IsTakenWhereASourceCoversIt(bool isIPv6, bool isTaken, params string[] sources)
    {
        using var hosts = new TwoHosts();
        using LinkReceiver receiver = hosts.A.Space.Run(() => LinkReceiver.Open(Capacity, sources.Select(Parse)));
        using LinkReceiver all = hosts.A.Space.Run(() => LinkReceiver.Open(Capacity, [IpPrefix.Any]));
        Refuse(hosts.B, isIPv6);

        // both have what was sent before its answer came
        Assert.True(HasSyn(all));
        Assert.Equal(isTaken, HasSyn(receiver));
    }

    [Fact]
    public void Segment_OfMoreSourcesThanAFilterHolds_IsTaken()
    {
        using var hosts = new TwoHosts();
        IEnumerable<IpPrefix> sources = Enumerable.Range(0, 4096).Select(at => IpPrefix.Host(new IpAddressBits(0xFD00_0000_0000_0000, (ulong)at)));
        using LinkReceiver receiver = hosts.A.Space.Run(() => LinkReceiver.Open(Capacity, sources));
        Refuse(hosts.B, isIPv6: true);
        Assert.True(HasSyn(receiver));
    }

    [Fact]
    public void Segment_OfASourceThatCameLater_IsTaken()
    {
        using var hosts = new TwoHosts();
        using LinkReceiver receiver = hosts.A.Space.Run(() => LinkReceiver.Open(Capacity, [Parse("192.0.2.1")]));
        receiver.Use([Parse("192.0.2.1"), Parse("10.59.25.2")]);
        Refuse(hosts.B, isIPv6: false);
        Assert.True(HasSyn(receiver));
    }

    /// <summary>A connection attempt at a port where nobody listens: a SYN and its answer.</summary>
    private static void Refuse(Host client, bool isIPv6)
    {
        using Socket socket = client.Tcp(isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        SocketException refused = Assert.Throws<SocketException>(() => socket.Connect(new IPEndPoint(TwoHosts.AddressOfA(isIPv6), Port)));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    private static bool HasSyn(LinkReceiver receiver)
    {
        int count = receiver.Receive();
        for (int i = 0; i < count; i++)
        {
            ReceivedPacket received = receiver[i];
            if (TcpPacket.TryParse(receiver.Buffer.AsSpan(received.Offset, received.Length), out TcpPacket packet) == DropReason.None && packet.DestinationPort == Port)
            {
                return true;
            }
        }

        return false;
    }

    private static IpPrefix Parse(string text) => IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason) ? prefix : throw new ArgumentException(reason, nameof(text));
}
