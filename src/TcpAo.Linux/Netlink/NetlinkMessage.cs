using System.Runtime.InteropServices;
using System.Text;

namespace TcpAo.Linux.Netlink;

/// <summary>A message of a datagram (netlink(7), struct nlmsghdr).</summary>
internal readonly ref struct NetlinkMessage
{
    private NetlinkMessage(ReadOnlySpan<byte> bytes)
    {
        Type = MemoryMarshal.Read<ushort>(bytes[4..]);
        Flags = MemoryMarshal.Read<ushort>(bytes[6..]);
        Sequence = MemoryMarshal.Read<uint>(bytes[8..]);
        PortId = MemoryMarshal.Read<uint>(bytes[12..]);
        Body = bytes[NetlinkUapi.HeaderLength..];
    }

    public ushort Type { get; }

    public ushort Flags { get; }

    public uint Sequence { get; }

    /// <summary>Who asked: of a notification, the one whose request it tells of.</summary>
    public uint PortId { get; }

    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Negative errno of NLMSG_ERROR or NLMSG_DONE, 0 for success.</summary>
    public int Error => Body.Length >= 4 ? MemoryMarshal.Read<int>(Body) : 0;

    /// <summary>Attributes behind struct nfgenmsg.</summary>
    public NetlinkAttributes NetfilterAttributes => Attributes(NetlinkUapi.NetfilterHeaderLength);

    /// <summary>Attributes behind a fixed part of the family.</summary>
    public NetlinkAttributes Attributes(int offset) => new(Body.Length > offset ? Body[NetlinkUapi.Align(offset)..] : []);

    /// <summary>Takes the first message off a datagram.</summary>
    /// <returns>False at the end, or where what is left is no message.</returns>
    public static bool TryTake(ref ReadOnlySpan<byte> datagram, out NetlinkMessage message)
    {
        message = default;
        if (datagram.Length < NetlinkUapi.HeaderLength)
        {
            return false;
        }

        int length = MemoryMarshal.Read<int>(datagram);
        if (length < NetlinkUapi.HeaderLength || length > datagram.Length)
        {
            return false;
        }

        message = new NetlinkMessage(datagram[..length]);
        datagram = datagram[Math.Min(NetlinkUapi.Align(length), datagram.Length)..];
        return true;
    }

    /// <summary>The kernel's own words on an error (NETLINK_EXT_ACK), or null.</summary>
    public string? ExtendedAckText()
    {
        // int error, the header of the request (its body is left out by NETLINK_CAP_ACK), attributes
        const int fixedLength = 4 + NetlinkUapi.HeaderLength;
        if (Type != NetlinkUapi.NLMSG_ERROR || (Flags & NetlinkUapi.NLM_F_ACK_TLVS) == 0 || Body.Length <= fixedLength)
        {
            return null;
        }

        return Attributes(fixedLength).TryFind(NetlinkUapi.NLMSGERR_ATTR_MSG, out ReadOnlySpan<byte> text)
            ? Encoding.UTF8.GetString(text.TrimEnd((byte)0))
            : null;
    }
}
