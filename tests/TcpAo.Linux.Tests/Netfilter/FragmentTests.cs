using System.Net;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>Fragments with each way to put them together, and without any: no segment enters in pieces.</summary>
public sealed class FragmentTests
{
    [Theory]
    [InlineData(DefragmentationSource.Tproxy, false)]
    [InlineData(DefragmentationSource.Tproxy, true)]
    [InlineData(DefragmentationSource.ConnectionTracking, false)]
    [InlineData(DefragmentationSource.ConnectionTracking, true)]
    [InlineData(DefragmentationSource.None, false)]
    [InlineData(DefragmentationSource.None, true)]
    public void Fragments_OfProtectedTcp_AreQueuedWholeOrDropped(DefragmentationSource source, bool isIPv6)
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Open(hosts.B);
        rules.Support = rules.Support with { Defragmentation = source };
        IPAddress peer = TwoHosts.AddressOfA(isIPv6);
        IPAddress local = TwoHosts.AddressOfB(isIPv6);
        IPAddress stranger = IPAddress.Parse(isIPv6 ? "fd59:25::77" : "10.59.25.77");
        rules.Replace(Rules.Model(Rules.Session($"{peer}")));
        List<int> queued = [];
        using QueueLoop loop = new(hosts.B, Rules.Queue, packet => queued.Add(packet.Payload.Length));
        using PacketForge forge = new(hosts.A);
        long before = hosts.B.SegmentsIn();

        Send(PacketForge.Tcp(peer, local, 40000, 179, new byte[300]));
        Send(PacketForge.Tcp(stranger, local, 40000, 179, new byte[300]));
        Wait.Until(() => hosts.B.SegmentsIn() > before, "the stranger's segment was put together");
        Assert.Equal(before + 1, hosts.B.SegmentsIn());

        byte[] last = PacketForge.Tcp(peer, local, 40000, 179);
        forge.Send(last);
        Wait.Until(() => loop.Packets == (source == DefragmentationSource.None ? 1 : 2), "the last packet was queued");
        Assert.Equal(source == DefragmentationSource.None ? [last.Length] : [last.Length + 300, last.Length], queued);

        void Send(byte[] packet)
        {
            foreach (byte[] fragment in PacketForge.Fragments(packet, 24))
            {
                forge.Send(fragment);
            }
        }
    }
}
