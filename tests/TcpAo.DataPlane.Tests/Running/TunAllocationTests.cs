using TcpAo.DataPlane.Tests.Support;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.DataPlane;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tun;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>The fast path's loop, in this process, so that what it allocates can be counted.</summary>
public sealed class TunAllocationTests
{
    private const ushort Queue = 60;
    private const uint SentMark = 0x8000_0001;
    private const int Piece = 64 * 1024;
    private const int Pieces = 64;

    [Fact]
    public void Segments_BothWaysAfterTheFirst_AllocateNothing()
    {
        var peering = new Peering(Lab.Port, new Key(1, 2));
        using var lab = new Lab();
        lab.RunB.Write(Peering.Configuration([peering], Lab.A4, Lab.A6, isMirrored: true));
        lab.RunB.StartAndWait();
        TcpAoConfiguration configuration = ConfigurationFile.Parse(Peering.Configuration([peering], Lab.B4, Lab.B6, isMirrored: false), "test", "/");
        using Loop loop = lab.A.Space.Run(() => new Loop(configuration));
        using Session session = Session.Open(lab);
        Exchange(session);
        long before = loop.Allocated;
        long segments = loop.Segments;
        Exchange(session);
        Assert.True(loop.Segments - segments > Pieces, "segments went by the device");

        // a neighbor that is asked for anew is no segment
        Assert.InRange(loop.Allocated - before, 0, Piece);
    }

    private static void Exchange(Session session)
    {
        for (int i = 0; i < Pieces; i++)
        {
            session.Exchange(Piece);
        }
    }

    private sealed class Loop : IDisposable
    {
        private readonly NftRuleset _rules = NftRuleset.Open();
        private readonly HostLinks _links = new();
        private readonly TunPath _path;
        private readonly QueueWorker _queue;
        private readonly TunWorker _tun;
        private long _allocated;

        public Loop(TcpAoConfiguration configuration)
        {
            var engine = new AoEngine(configuration.Policy, new AoEngineOptions { StripVerified = true, StackSkipsOption = true, ReserveOptionSpace = true });
            _path = TunPath.Open(configuration.Peers.Select(peer => peer.Remote), SentMark);
            _queue = new QueueWorker(NfQueue.Bind(Queue), engine, _links, new InterfaceMtu(TimeProvider.System), null, TimeProvider.System);
            _tun = new TunWorker(_path, _queue, _links, new InterfaceMtu(TimeProvider.System), pair => configuration.Policy.Find(pair) is not null)
            {
                Beat = () => Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread()),
            };
            _rules.Replace(new NftModel
            {
                Traffic = [.. configuration.Peers.SelectMany(peer => peer.Matches().Select(match => new ProtectedTraffic(match)))],
                FirstQueue = Queue,
                Tun = new NftTunPath(_path.Device.Index, TunPath.SteerMark, SentMark, []),
            });
            _queue.Start();
            _tun.Start();
        }

        /// <summary>Bytes that the loop's thread has allocated, as of its last turn.</summary>
        public long Allocated => Volatile.Read(ref _allocated);

        /// <summary>Segments that it sent.</summary>
        public long Segments => _path.Sender.Direct;

        public void Dispose()
        {
            _tun.Dispose();
            _queue.Dispose();
            _links.Dispose();
            _rules.Dispose();
        }
    }
}
