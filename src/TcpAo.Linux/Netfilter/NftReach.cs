using System.Buffers.Binary;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>
/// What the rules of a table reach, read back from its sets. It takes more in than the rules do: a port counts at either end. Ranges of ports and local addresses, which sets alone do not tell, count as
/// any.
/// </summary>
public sealed class NftReach
{
    // numbers of the nft program, six bits each in the type of a concatenation
    private const uint TypeIPv4 = 7;
    private const uint TypeIPv6 = 8;
    private const uint TypePort = 13;
    private const int BitsOfType = 6;
    private const string RemotesOfIPv4 = "remote4-";
    private const string RemotesOfIPv6 = "remote6-";

    private readonly HashSet<ushort> _listening = [];
    private readonly HashSet<int> _lengths = [];

    // addresses as masked, with a port
    private readonly HashSet<(IpAddressBits? Remote, ushort Port)> _ends = [];

    /// <summary>Whether segments of a connection may meet the rules.</summary>
    /// <param name="pair">Its ends.</param>
    public bool Covers(in SocketPair pair)
    {
        IpAddressBits remote = pair.Remote;
        (ushort local, ushort other) = (pair.LocalPort, pair.RemotePort);
        return IsEnd(null) || _lengths.Any(length => length <= (remote.IsIPv4 ? 32 : 128) && IsEnd(remote & IpAddressBits.Mask(remote.IsIPv4, length)));

        bool IsEnd(IpAddressBits? address) => _ends.Contains((address, local)) || _ends.Contains((address, other));
    }

    /// <summary>Whether segments with TCP-AO to a local port meet the rules.</summary>
    /// <param name="port">The port.</param>
    public bool IsListening(ushort port) => _listening.Contains(port);

    internal void AddLength(string set)
    {
        string? length = set.StartsWith(RemotesOfIPv4, StringComparison.Ordinal) ? set[RemotesOfIPv4.Length..]
            : set.StartsWith(RemotesOfIPv6, StringComparison.Ordinal) ? set[RemotesOfIPv6.Length..]
            : null;
        if (int.TryParse(length, System.Globalization.CultureInfo.InvariantCulture, out int bits))
        {
            _lengths.Add(bits);
        }
    }

    internal void Add(string set, uint type, ReadOnlySpan<byte> key)
    {
        if (string.Equals(set, NftTableWriter.SignedPorts, StringComparison.Ordinal))
        {
            _listening.Add(BinaryPrimitives.ReadUInt16BigEndian(key));
            return;
        }

        Span<uint> types = stackalloc uint[5];
        int count = 0;
        for (uint rest = type; rest != 0 && count < types.Length; rest >>= BitsOfType)
        {
            types[count++] = rest & ((1 << BitsOfType) - 1);
        }

        // the first field has the highest bits
        IpAddressBits? remote = null;
        for (int at = count - 1; at >= 0; at--)
        {
            int length = types[at] switch
            {
                TypeIPv6 => 16,
                TypeIPv4 or TypePort => 4,
                _ => key.Length,
            };
            if (key.Length < Math.Min(length, sizeof(ushort)))
            {
                return;
            }

            if (types[at] is TypeIPv4 or TypeIPv6)
            {
                remote ??= IpAddressBits.FromBytes(key[..length]);
            }
            else if (types[at] == TypePort)
            {
                _ends.Add((remote, BinaryPrimitives.ReadUInt16BigEndian(key)));
            }

            key = key[Math.Min(length, key.Length)..];
        }
    }
}
