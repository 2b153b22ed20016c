namespace TcpAo.Keys;

/// <summary>Which addresses an <see cref="IpPrefix"/> or a <see cref="ConnectionMatch"/> is about (RFC 5925 section 3.1, R-011).</summary>
public enum IpFamily
{
    /// <summary>Both families: the wildcard.</summary>
    Any,

    /// <summary>IPv4, also where it is written as IPv4-mapped IPv6.</summary>
    IPv4,

    /// <summary>IPv6, without the IPv4-mapped addresses.</summary>
    IPv6,
}
