// RFC 1191 section 6.3 and RFC 8201 section 4: MTUs of paths, forgotten after ten minutes. Kept beside the stack's own, which hears of smaller ones.

using TcpAo.Keys;

namespace TcpAo.Connections;

/// <summary>The MTUs that ICMP errors named for the paths to peers, bounded.</summary>
internal sealed class PathMtuTable
{
    private const long Lifetime = 600_000;
    private const int Capacity = 4096;

    // what stacks take for the least: RFC 8200 section 5, and Linux' net.ipv4.route.min_pmtu; a forged error does no more harm than that
    private const int LeastIPv4 = 552;
    private const int LeastIPv6 = 1280;

    private readonly Dictionary<(IpAddressBits Remote, int Vrf), (int Mtu, long Until)> _mtus = [];

    /// <summary>Remembers the MTU of a path in bytes.</summary>
    public void Note(in SocketPair pair, uint mtu, long now)
    {
        if (_mtus.Count >= Capacity)
        {
            _mtus.Clear();
        }

        int least = pair.Remote.IsIPv4 ? LeastIPv4 : LeastIPv6;
        _mtus[(pair.Remote, pair.Vrf)] = ((int)Math.Clamp(mtu, (uint)least, ushort.MaxValue), now + Lifetime);
    }

    /// <summary>The MTU of a path; <see cref="int.MaxValue"/> where nobody named one.</summary>
    public int Of(in SocketPair pair, long now)
    {
        if (_mtus.Count == 0 || !_mtus.TryGetValue((pair.Remote, pair.Vrf), out (int Mtu, long Until) path))
        {
            return int.MaxValue;
        }

        if (path.Until > now)
        {
            return path.Mtu;
        }

        _mtus.Remove((pair.Remote, pair.Vrf));
        return int.MaxValue;
    }
}
