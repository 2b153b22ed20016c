using TcpAo.Connections;
using TcpAo.Hosting.DataPlane;
using TcpAo.Keys;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

public sealed class QueueWorkerTests
{
    [Fact]
    public async Task Do_AfterTheThreadDied_ThrowsAndDoesNotWait()
    {
        using var links = new HostLinks();
        using QueueWorker worker = Create(links);
        int done = 0;
        worker.Do(() => done++);
        Assert.Equal(1, done);
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => worker.Do(() => throw new ArgumentException("no")));
        Assert.IsType<ArgumentException>(refused.InnerException);

        worker.Post(_ => throw new NotSupportedException("dead"));
        await Assert.ThrowsAsync<NotSupportedException>(() => worker.Ended.Task);
        InvalidOperationException dead = Assert.Throws<InvalidOperationException>(() => worker.Do(() => done++));
        Assert.IsType<NotSupportedException>(dead.InnerException);
        Assert.Equal(1, done);
    }

    private static QueueWorker Create(HostLinks links)
    {
        try
        {
            using var space = NetworkNamespace.Create();
            NfQueue queue = space.Run(() => NfQueue.Bind(1));
            var worker = new QueueWorker(queue, new AoEngine(new NoKeys()), links, new InterfaceMtu(TimeProvider.System), null, TimeProvider.System);
            worker.Start();
            return worker;
        }
        catch (LinuxException error) when (error.IsPrivilege)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    private sealed class NoKeys : IKeySource
    {
        public ConnectionPolicy? Find(in SocketPair pair) => null;
    }
}
