using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TcpAo.Linux.Users;
using Xunit;

namespace TcpAo.Linux.Tests.Users;

/// <summary>unix(7), memfd_create(2): a file of one process in another's hands.</summary>
public sealed class DescriptorPassingTests
{
    [Fact]
    public void File_InMemory_ReadsFromItsStartAtTheOtherEnd()
    {
        (Socket from, Socket to) = Pair();
        using (from)
        using (to)
        using (var file = MemoryFile.Create("test", "what is in it"u8))
        {
            DescriptorPassing.Send(from, file.Descriptor);
            using SafeHandle? got = DescriptorPassing.Receive(to);
            Assert.NotNull(got);
            Assert.NotEqual(file.Descriptor.DangerousGetHandle(), got.DangerousGetHandle());
            file.Dispose();
            using var stream = new FileStream(new SafeFileHandle(got.DangerousGetHandle(), ownsHandle: false), FileAccess.Read);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            Assert.Equal("what is in it", reader.ReadToEnd());
        }
    }

    [Fact]
    public void Receive_WithoutADescriptor_GivesNull()
    {
        (Socket from, Socket to) = Pair();
        using (to)
        {
            using (from)
            {
                from.Send("x"u8);
                Assert.Null(DescriptorPassing.Receive(to));
            }

            Assert.Null(DescriptorPassing.Receive(to));
        }
    }

    [Fact]
    public void Send_ToNobody_IsRefused()
    {
        (Socket from, Socket to) = Pair();
        using (from)
        using (var file = MemoryFile.Create("test", []))
        {
            to.Dispose();
            Assert.Throws<LinuxException>(() => DescriptorPassing.Send(from, file.Descriptor));
        }
    }

    private static (Socket From, Socket To) Pair()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tcpao-test-{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var from = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        from.Connect(new UnixDomainSocketEndPoint(path));
        Socket to = listener.Accept();
        File.Delete(path);
        return (from, to);
    }
}
