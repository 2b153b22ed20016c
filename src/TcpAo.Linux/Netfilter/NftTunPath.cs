namespace TcpAo.Linux.Netfilter;

/// <summary>
/// The rules of a TUN device that stands between the local TCP and the links: what protected connections send there is marked, so that routing leads it to the
/// device; what arrives of them by Ethernet is dropped, for a packet socket has it. Everything else of them goes to the queue, as without the device.
/// </summary>
/// <param name="Link">Index of the device. What passes it passes; indexes are not used twice, so that this ends with the device.</param>
/// <param name="SteerMark">Firewall mark of what is routed to the device.</param>
/// <param name="SentMark">Firewall mark of signed segments that are sent the kernel's way.</param>
/// <param name="QueuedLinks">Names of interfaces by which segments keep to the queue, such as those in a VRF.</param>
public sealed record NftTunPath(int Link, uint SteerMark, uint SentMark, IReadOnlyCollection<string> QueuedLinks);
