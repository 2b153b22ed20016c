// RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section 3.1, RFC 792, RFC 4443 section 3: where addresses and ports are.
namespace TcpAo.Linux.Netfilter;

/// <summary>
/// Where a packet has the ends of its connection, seen from our end: what is remote comes first in a key for either direction,
/// so that one set and one hash serve both.
/// </summary>
/// <param name="IsIPv6">The family.</param>
/// <param name="AddressHeader">The header that the address offsets count from.</param>
/// <param name="Remote">Offset of the peer's address.</param>
/// <param name="Local">Offset of our address.</param>
/// <param name="RemotePort">Offset of the peer's port from the transport header.</param>
/// <param name="LocalPort">Offset of our port from the transport header.</param>
/// <param name="InterfaceKey">The meta key of the interface towards the peer.</param>
/// <param name="KindKey">The meta key of the kind of that interface.</param>
/// <param name="LocalAddress">The end of the packet that is local, for the fib expression.</param>
internal sealed record NftFields(
    bool IsIPv6, uint AddressHeader, int Remote, int Local, int RemotePort, int LocalPort, uint InterfaceKey, uint KindKey, uint LocalAddress)
{
    public static NftFields Inbound4 { get; } = new(
        false, NftUapi.NFT_PAYLOAD_NETWORK_HEADER, 12, 16, 0, 2, NftUapi.NFT_META_IIFNAME, NftUapi.NFT_META_IIFKIND, NftUapi.NFTA_FIB_F_DADDR);

    public static NftFields Outbound4 { get; } = new(
        false, NftUapi.NFT_PAYLOAD_NETWORK_HEADER, 16, 12, 2, 0, NftUapi.NFT_META_OIFNAME, NftUapi.NFT_META_OIFKIND, NftUapi.NFTA_FIB_F_SADDR);

    public static NftFields Inbound6 { get; } = new(
        true, NftUapi.NFT_PAYLOAD_NETWORK_HEADER, 8, 24, 0, 2, NftUapi.NFT_META_IIFNAME, NftUapi.NFT_META_IIFKIND, NftUapi.NFTA_FIB_F_DADDR);

    public static NftFields Outbound6 { get; } = new(
        true, NftUapi.NFT_PAYLOAD_NETWORK_HEADER, 24, 8, 2, 0, NftUapi.NFT_META_OIFNAME, NftUapi.NFT_META_OIFKIND, NftUapi.NFTA_FIB_F_SADDR);

    /// <summary>An ICMP error: the quote begins at 8 and is of a segment that we sent; its ports are at 28 where its header has no options.</summary>
    public static NftFields Quote4 { get; } = new(
        false, NftUapi.NFT_PAYLOAD_TRANSPORT_HEADER, 24, 20, 30, 28, NftUapi.NFT_META_IIFNAME, NftUapi.NFT_META_IIFKIND, NftUapi.NFTA_FIB_F_DADDR);

    /// <summary>As <see cref="Quote4"/>, with the fixed header of IPv6 in the quote.</summary>
    public static NftFields Quote6 { get; } = new(
        true, NftUapi.NFT_PAYLOAD_TRANSPORT_HEADER, 32, 16, 50, 48, NftUapi.NFT_META_IIFNAME, NftUapi.NFT_META_IIFKIND, NftUapi.NFTA_FIB_F_DADDR);

    public int AddressLength => IsIPv6 ? 16 : 4;
}
