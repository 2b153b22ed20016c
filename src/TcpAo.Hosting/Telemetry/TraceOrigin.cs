using System.Globalization;
using TcpAo.Hosting.DataPlane;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Hosting.Telemetry;

/// <summary>The network namespace that events come from.</summary>
/// <param name="NetCookie">What Linux' events call it (SO_NETNS_COOKIE); 0 before Linux 5.14.</param>
/// <param name="Inode">What tools call it, such as 4026531840.</param>
internal sealed record TraceOrigin(ulong NetCookie, ulong Inode)
{
    /// <summary>That of the calling thread.</summary>
    public static TraceOrigin OfThread() =>
        new(NetworkNamespace.ReadCookie(), ulong.TryParse(NamespaceIdentity.Inode(), CultureInfo.InvariantCulture, out ulong inode) ? inode : 0);
}
