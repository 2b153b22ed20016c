// A wire between two interfaces, in user space: what netem would do where the kernel has none, and a place on the path to look and to attack from.
namespace TcpAo.Linux.Links;

/// <summary>
/// Forwards Ethernet frames between two interfaces of one network namespace, both ways, with loss, reordering, duplication, delay and a rate as
/// <see cref="SoftLinkOptions"/> say. Where it stands frames can be seen, swallowed and made up.
/// </summary>
/// <remarks>
/// The interfaces are the near ends of two veth pairs whose far ends belong to the hosts, and have no addresses. The far ends must not send packets that
/// stand for several: <see cref="Namespaces.SegmentationOffload.Disable"/>.
/// </remarks>
/// <example>
/// <code>
/// using SoftLink link = middle.Run(() => SoftLink.Open("to-a", "to-b", new SoftLinkOptions { Loss = 0.01, Delay = TimeSpan.FromMilliseconds(10) }));
/// </code>
/// </example>
public sealed class SoftLink : IDisposable
{
    private readonly PacketSocket _first;
    private readonly PacketSocket _second;
    private readonly SoftLinkDirection _fromFirst;
    private readonly SoftLinkDirection _fromSecond;

    private SoftLink(PacketSocket first, PacketSocket second, SoftLinkOptions options, SoftLinkFilter? filter)
    {
        (_first, _second) = (first, second);
        _fromFirst = new SoftLinkDirection(first, second, isFromFirst: true, options, filter);
        _fromSecond = new SoftLinkDirection(second, first, isFromFirst: false, options, filter);
    }

    /// <summary>What has happened to frames of the first end.</summary>
    public SoftLinkCounters FromFirst => _fromFirst.Counters;

    /// <summary>What has happened to frames of the second end.</summary>
    public SoftLinkCounters FromSecond => _fromSecond.Counters;

    /// <summary>Joins two interfaces of the network namespace that the calling thread is in.</summary>
    /// <param name="first">Name of the one.</param>
    /// <param name="second">Name of the other.</param>
    /// <param name="options">What happens to frames; null for a wire.</param>
    /// <param name="filter">Sees every frame first; null for none.</param>
    /// <exception cref="LinuxException">CAP_NET_RAW is missing, or there is no such interface.</exception>
    public static SoftLink Open(string first, string second, SoftLinkOptions? options = null, SoftLinkFilter? filter = null)
    {
#pragma warning disable CA2000 // the link takes both
        PacketSocket one = PacketSocket.Open(first);
        try
        {
            return new SoftLink(one, PacketSocket.Open(second), options ?? SoftLinkOptions.Wire, filter);
#pragma warning restore CA2000
        }
        catch
        {
            one.Dispose();
            throw;
        }
    }

    /// <summary>Sends a frame to one end as if the other had sent it; neither the filter nor chance has a say.</summary>
    /// <param name="frame">The Ethernet frame.</param>
    /// <param name="isToFirst">Which end gets it.</param>
    /// <returns>False when the interface did not take it.</returns>
    public bool Inject(ReadOnlySpan<byte> frame, bool isToFirst) => (isToFirst ? _first : _second).TrySend(frame);

    /// <summary>Ends; frames that are on their way are lost.</summary>
    public void Dispose()
    {
        _fromFirst.Dispose();
        _fromSecond.Dispose();
        _first.Dispose();
        _second.Dispose();
    }
}
