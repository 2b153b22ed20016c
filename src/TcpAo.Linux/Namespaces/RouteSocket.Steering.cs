// rtnetlink(7), ip-rule(8): what leads packets with a mark through a TUN device.
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Namespaces;

public sealed partial class RouteSocket
{
    /// <summary>
    /// Sets a link up on which nothing is to be said that was not routed there (no IPv6 address, thus no solicitation), and whose packets are judged by their mark
    /// where the source is checked (rp_filter).
    /// </summary>
    public void SetUpForSteering(string link)
    {
        int index = IndexOf(link);
        uint sequence = Begin(RouteUapi.RTM_NEWLINK, NetlinkUapi.NLM_F_ACK, RouteUapi.LinkLength, out Span<byte> header);
        MemoryMarshal.Write(header[4..], index);
        int families = _request.BeginNested(RouteUapi.IFLA_AF_SPEC);
        int v4 = _request.BeginNested(Libc.AF_INET);
        int settings = _request.BeginNested(RouteUapi.IFLA_INET_CONF);
        _request.PutU32(RouteUapi.IPV4_DEVCONF_SRC_VMARK, 1);
        _request.EndNested(settings);
        _request.EndNested(v4);
        int v6 = _request.BeginNested(Libc.AF_INET6);
        _request.PutU8(RouteUapi.IFLA_INET6_ADDR_GEN_MODE, RouteUapi.IN6_ADDR_GEN_MODE_NONE);
        _request.EndNested(v6);
        _request.EndNested(families);
        Transact(sequence, $"Could not set up the network interface {link}; CAP_NET_ADMIN is needed.");
        SetUp(link);
    }

    /// <summary>Has packets with a mark routed by a table. One rule that is there already is enough.</summary>
    /// <param name="isIPv6">The family.</param>
    /// <param name="mark">Their mark.</param>
    /// <param name="table">Number of the table.</param>
    /// <param name="priority">The place among the rules, lower ones first.</param>
    public void AddMarkRule(bool isIPv6, uint mark, uint table, uint priority)
    {
        uint sequence = BeginMarkRule(RouteUapi.RTM_NEWRULE, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, isIPv6, mark, table, priority);
        _request.End();
        const string What = "Could not add a routing rule; CAP_NET_ADMIN and CONFIG_IP_MULTIPLE_TABLES are needed.";
        int errno = _socket.TryTransact(_request, sequence, What, out string? kernelText);
        if (errno is not (0 or Errno.EEXIST))
        {
            throw NetlinkSocket.Refused(errno, What, kernelText);
        }
    }

    /// <summary>Takes the rule of <see cref="AddMarkRule"/> away.</summary>
    /// <returns>False when there was none.</returns>
    public bool DeleteMarkRule(bool isIPv6, uint mark, uint table, uint priority)
    {
        uint sequence = BeginMarkRule(RouteUapi.RTM_DELRULE, 0, isIPv6, mark, table, priority);
        _request.End();
        const string What = "Could not delete a routing rule; CAP_NET_ADMIN is needed.";
        int errno = _socket.TryTransact(_request, sequence, What, out string? kernelText);
        return errno switch
        {
            0 => true,
            Errno.ENOENT or Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP => false,
            _ => throw NetlinkSocket.Refused(errno, What, kernelText),
        };
    }

    /// <summary>Whether packets with a mark have a rule of their own.</summary>
    public bool HasMarkRule(uint mark)
    {
        bool hasRule = false;
        uint sequence = Begin(RouteUapi.RTM_GETRULE, NetlinkUapi.NLM_F_DUMP, RouteUapi.RuleLength, out _);
        _request.End();
        _socket.Ask(_request, sequence, "Could not list the routing rules.", message =>
            hasRule |= message.Attributes(RouteUapi.RuleLength).TryFind(RouteUapi.FRA_FWMARK, out ReadOnlySpan<byte> found) && MemoryMarshal.Read<uint>(found) == mark);
        return hasRule;
    }

    /// <summary>Whether there are routing rules beside those that every host has, those of VRFs and that of a mark.</summary>
    public bool HasOtherRules(uint mark)
    {
        bool hasOther = false;
        uint sequence = Begin(RouteUapi.RTM_GETRULE, NetlinkUapi.NLM_F_DUMP, RouteUapi.RuleLength, out _);
        _request.End();
        _socket.Ask(_request, sequence, "Could not list the routing rules.", message =>
        {
            NetlinkAttributes attributes = message.Attributes(RouteUapi.RuleLength);
            uint table = attributes.TryFind(RouteUapi.FRA_TABLE, out ReadOnlySpan<byte> number) ? MemoryMarshal.Read<uint>(number) : message.Body[4];
            bool isOurs = attributes.TryFind(RouteUapi.FRA_FWMARK, out ReadOnlySpan<byte> found) && MemoryMarshal.Read<uint>(found) == mark;
            bool isOfVrf = attributes.TryFind(RouteUapi.FRA_L3MDEV, out _);
            hasOther |= !isOurs && !isOfVrf && table is not (RouteUapi.RT_TABLE_DEFAULT or RouteUapi.RT_TABLE_MAIN or RouteUapi.RT_TABLE_LOCAL);
        });
        return hasOther;
    }

    /// <summary>Makes a link the way for everything in a table of its own.</summary>
    /// <returns>False where the kernel refuses, as where IPv6 is switched off.</returns>
    public bool TryAddDefaultRoute(bool isIPv6, int link, uint table)
    {
        uint sequence = Begin(RouteUapi.RTM_NEWROUTE, NetlinkUapi.NLM_F_ACK | NetlinkUapi.NLM_F_CREATE, RouteUapi.RouteLength, out Span<byte> header);
        header[0] = isIPv6 ? (byte)Libc.AF_INET6 : (byte)Libc.AF_INET;
        header[5] = RouteUapi.RTPROT_STATIC;
        header[6] = RouteUapi.RT_SCOPE_LINK;
        header[7] = RouteUapi.RTN_UNICAST;
        _request.PutU32(RouteUapi.RTA_OIF, (uint)link);
        _request.PutU32(RouteUapi.RTA_TABLE, table);
        _request.End();
        return _socket.TryTransact(_request, sequence, "Could not add a route.", out _) == 0;
    }

    private uint BeginMarkRule(ushort type, int flags, bool isIPv6, uint mark, uint table, uint priority)
    {
        uint sequence = Begin(type, flags | NetlinkUapi.NLM_F_ACK, RouteUapi.RuleLength, out Span<byte> header);
        header[0] = isIPv6 ? (byte)Libc.AF_INET6 : (byte)Libc.AF_INET;
        header[7] = RouteUapi.FR_ACT_TO_TBL;
        _request.PutU32(RouteUapi.FRA_PRIORITY, priority);
        _request.PutU32(RouteUapi.FRA_FWMARK, mark);
        _request.PutU32(RouteUapi.FRA_TABLE, table);
        return sequence;
    }
}
