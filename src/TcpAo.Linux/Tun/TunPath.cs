// The parts of the fast path of one network namespace, and the way that leads there: packets that the rules mark are routed to the device.
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Linux.Tun;

/// <summary>
/// A TUN device that takes what the local TCP sends to some peers, packet sockets that send it and receive what comes from there, and a routing table for packets
/// with a mark. The rules of <see cref="Netfilter.NftRuleset"/> say what is marked, and keep everything else away from the wire and from TCP.
/// </summary>
/// <remarks>One thread uses it; <see cref="Wake"/> may be called by others. Needs CAP_NET_ADMIN and CAP_NET_RAW.</remarks>
public sealed unsafe class TunPath : IDisposable
{
    /// <summary>Name of the device.</summary>
    public const string DeviceName = "tcpao-tun";

    /// <summary>Firewall mark of what is routed to the device.</summary>
    public const uint SteerMark = 0x0059_2501;

    /// <summary>The routing table with the device, and the place of the rule that leads there.</summary>
    public const uint Table = 5925;

    /// <summary>Segments at a time, in each direction.</summary>
    public const int Capacity = SegmentBatch.Capacity;

    private readonly SafeDescriptor _wake = Libc.EventDescriptor();

    private TunPath(TunDevice device, LinkReceiver receiver, SegmentSlicer slicer, LinkSender sender)
    {
        Device = device;
        Receiver = receiver;
        Outbound = slicer;
        Sender = sender;
        Inbound = new SegmentMerger(device);
    }

    /// <summary>The device.</summary>
    public TunDevice Device { get; }

    /// <summary>What arrives by the links.</summary>
    public LinkReceiver Receiver { get; }

    /// <summary>What the local TCP sends.</summary>
    public SegmentSlicer Outbound { get; }

    /// <summary>Sends to the links.</summary>
    public LinkSender Sender { get; }

    /// <summary>Hands to the local TCP.</summary>
    public SegmentMerger Inbound { get; }

    /// <summary>Makes it in the network namespace that the calling thread is in. Nothing is steered there before the rules say so.</summary>
    /// <param name="peers">Whose segments arrive by it.</param>
    /// <param name="sentMark">Firewall mark of what it sends the kernel's way.</param>
    /// <exception cref="LinuxException">A privilege or a feature of the kernel is missing, or another program has the device.</exception>
    public static TunPath Open(IEnumerable<IpPrefix> peers, uint sentMark)
    {
        TunDevice? device = null;
        LinkReceiver? receiver = null;
        LinkSender? sender = null;
        try
        {
            device = TunDevice.Open(DeviceName);
            receiver = LinkReceiver.Open(Capacity, peers);
            var slicer = new SegmentSlicer(Capacity, AoEngine.CutRoom);
            sender = LinkSender.Open(slicer.Buffer, Capacity, sentMark);
            int index = device.Index;
            RouteSocket.Use(route =>
            {
                foreach (bool isIPv6 in (ReadOnlySpan<bool>)[false, true])
                {
                    // where one family is switched off its segments, if there are any, keep to the queue
                    if (route.TryAddDefaultRoute(isIPv6, index, Table))
                    {
                        route.AddMarkRule(isIPv6, SteerMark, Table, Table);
                    }
                }
            });
            return new TunPath(device, receiver, slicer, sender);
        }
        catch
        {
            sender?.Dispose();
            receiver?.Dispose();
            device?.Dispose();
            throw;
        }
    }

    /// <summary>Takes the routing rules away that a path leaves behind, in the network namespace of the calling thread.</summary>
    /// <returns>False when there were none.</returns>
    public static bool RemoveRules()
    {
        bool removed = false;
        RouteSocket.Use(route =>
        {
            foreach (bool isIPv6 in (ReadOnlySpan<bool>)[false, true])
            {
                removed |= route.DeleteMarkRule(isIPv6, SteerMark, Table, Table);
            }
        });
        return removed;
    }

    /// <summary>Whether the network namespace of the calling thread has a routing rule of a path, and its device.</summary>
    public static (bool HasRule, bool HasDevice) FindLeftovers()
    {
        (bool HasRule, bool HasDevice) found = default;
        RouteSocket.Use(route => found = (route.HasMarkRule(SteerMark), route.Links().Any(link => string.Equals(link.Name, DeviceName, StringComparison.Ordinal))));
        return found;
    }

    /// <summary>Waits until there is something to do, and takes in changes of routes and neighbors.</summary>
    /// <param name="timeoutMilliseconds">How long, -1 without end.</param>
    /// <returns>What there is to do.</returns>
    public TunReady Wait(int timeoutMilliseconds)
    {
        PollDescriptor* polled = stackalloc PollDescriptor[4];
        ReadOnlySpan<SafeDescriptor> all = [Device.Descriptor, Receiver.Descriptor, Sender.Hops.Changes, _wake];
        for (int i = 0; i < all.Length; i++)
        {
            // held open by this object, which its user does not dispose of meanwhile
            polled[i] = new PollDescriptor { Descriptor = (int)all[i].DangerousGetHandle(), Events = PollDescriptor.POLLIN };
        }

        Libc.Poll(polled, all.Length, timeoutMilliseconds);
        if (polled[2].Returned != 0)
        {
            Sender.Hops.Follow();
        }

        if (polled[3].Returned != 0)
        {
            Libc.Lower(_wake);
        }

        return (polled[0].Returned != 0 ? TunReady.Outbound : TunReady.None) | (polled[1].Returned != 0 ? TunReady.Inbound : TunReady.None);
    }

    /// <summary>Ends <see cref="Wait"/>, or the next one.</summary>
    public void Wake()
    {
        if (!_wake.IsClosed)
        {
            Libc.Raise(_wake);
        }
    }

    /// <summary>Ends it: the device is gone, and what is marked falls to the queue.</summary>
    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        Device.Dispose();
        _wake.Dispose();
    }
}
