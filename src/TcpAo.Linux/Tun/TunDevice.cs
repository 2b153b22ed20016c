// Documentation/networking/tuntap.rst, linux/if_tun.h, linux/virtio_net.h. The device is not persistent: when its program dies it is gone, and with it the
// route that leads there. What was on that way is then queued, and dropped, by the rules (NftTunPath).
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Linux.Tun;

/// <summary>
/// A TUN device with virtio headers: the kernel's TCP hands over many segments as one packet, and takes many as one. It goes when this object or its process
/// does. One thread reads and writes.
/// </summary>
/// <remarks>Needs CAP_NET_ADMIN and CONFIG_TUN.</remarks>
public sealed unsafe class TunDevice : IDisposable
{
    /// <summary>The longest packet that the kernel hands over, in bytes.</summary>
    public const int MaxPacket = ushort.MaxValue;

    private const string Path = "/dev/net/tun";
    private const string What = "Could not make a TUN device; CAP_NET_ADMIN, CONFIG_TUN and /dev/net/tun are needed.";

    private TunDevice(SafeDescriptor descriptor, string name, int index)
    {
        Descriptor = descriptor;
        Name = name;
        Index = index;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its interface index.</summary>
    public int Index { get; }

    internal SafeDescriptor Descriptor { get; }

    /// <summary>Makes the device in the network namespace that the calling thread is in, and sets it up.</summary>
    /// <param name="name">Its name, 1 to 15 characters.</param>
    /// <exception cref="LinuxException">A privilege or a feature of the kernel is missing, or another program has the name.</exception>
    public static TunDevice Open(string name)
    {
        SafeDescriptor descriptor = Libc.Open(Path, Libc.O_RDWR | Libc.O_NONBLOCK, What);
        try
        {
            Libc.MakeTun(descriptor, name, Libc.IFF_TUN | Libc.IFF_NO_PI | Libc.IFF_VNET_HDR, What);
            Libc.SetTunOffload(descriptor, Libc.TUN_F_CSUM | Libc.TUN_F_TSO4 | Libc.TUN_F_TSO6 | Libc.TUN_F_TSO_ECN, What);
            int index = 0;
            RouteSocket.Use(route =>
            {
                index = route.IndexOf(name);

                // segments fit their path already: the device cuts nothing
                route.SetMtu(name, MaxPacket);
                route.SetUpForSteering(name);
            });
            return new TunDevice(descriptor, name, index);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Closes the device; it is gone then.</summary>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>Takes a packet that the kernel sends.</summary>
    /// <returns>Its length; 0 when none waits.</returns>
    internal int TryRead(Span<byte> buffer, out VirtioHeader header)
    {
        VirtioHeader taken = default;
        nint received;
        fixed (byte* bytes = buffer)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = &taken, Length = (nuint)sizeof(VirtioHeader) };
            vectors[1] = new IoVector { Base = bytes, Length = (nuint)buffer.Length };
            received = Libc.Read(Descriptor, vectors, 2);
        }

        header = taken;
        if (received < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno == Errno.EAGAIN ? 0 : throw new LinuxException(errno, $"Could not read from {Name}.");
        }

        return Math.Max((int)received - sizeof(VirtioHeader), 0);
    }

    /// <summary>Has the kernel receive a packet.</summary>
    /// <returns>False when it does not take it: the device is down, or memory is short.</returns>
    internal bool TryWrite(ReadOnlySpan<byte> packet, in VirtioHeader header)
    {
        VirtioHeader given = header;
        fixed (byte* bytes = packet)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = &given, Length = (nuint)sizeof(VirtioHeader) };
            vectors[1] = new IoVector { Base = bytes, Length = (nuint)packet.Length };
            return Libc.Write(Descriptor, vectors, 2) >= 0;
        }
    }
}
