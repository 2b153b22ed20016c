using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using TcpAo.Crypto.Batch;

namespace TcpAo.Crypto;

/// <summary>
/// A MAC algorithm with the KDF that belongs to it (R-103). All methods are pure, thread-safe, free of allocation and
/// cannot fail: whatever can be refused is refused when a key is made.
/// </summary>
/// <remarks>
/// This is the seam for faster implementations: the input of a MAC is always two pieces, a short gathered header and the
/// payload where it lies, so that a batch is a list of such pairs.
/// </remarks>
public abstract class MacAlgorithm
{
    /// <summary>Bytes of the longest MAC that any algorithm puts on the wire.</summary>
    public const int LongestMac = 16;

    private protected MacAlgorithm(string name, int trafficKeyLength, int defaultMacLength, string? linuxName, params ImmutableArray<string> aliases)
    {
        Name = name;
        TrafficKeyLength = trafficKeyLength;
        DefaultMacLength = defaultMacLength;
        LinuxName = linuxName;
        Aliases = aliases;
    }

    /// <summary>The name in configurations and in every output, such as <c>hmac-sha-1-96</c>.</summary>
    public string Name { get; }

    /// <summary>What Linux calls it in <c>tcp_ao_add.alg_name</c>, or null where Linux has no such algorithm.</summary>
    public string? LinuxName { get; }

    /// <summary>Other spellings that are accepted: Linux' and RFC 5926's (R-110).</summary>
    public ImmutableArray<string> Aliases { get; }

    /// <summary>What computes a single MAC, as it is told to people.</summary>
    internal virtual string Implementation => "c#";

    /// <summary>How batches are computed here.</summary>
    internal MacPath BatchPath => field ??= MacPaths.AllOf(this).First();

    /// <summary>Bytes that the KDF yields.</summary>
    public int TrafficKeyLength { get; }

    /// <summary>Bytes of a prepared traffic key, at most <see cref="TrafficKey.Capacity"/>.</summary>
    internal abstract int PreparedLength { get; }

    /// <summary>Bytes of MAC on the wire when nothing else is said.</summary>
    public int DefaultMacLength { get; }

    /// <summary>The shortest MAC that may be configured, in bytes.</summary>
    public virtual int MinMacLength => 4;

    /// <summary>The longest MAC that may be configured, in bytes: what a SYN has room for (R-082).</summary>
    public virtual int MaxMacLength => LongestMac;

    /// <summary>Whether this is TCP MD5 (RFC 2385): another option, no ids, no KDF, options never covered.</summary>
    public bool IsTcpMd5 => ReferenceEquals(this, MacAlgorithms.TcpMd5);

    /// <summary>
    /// The KDF: writes the traffic key of a connection. Source: RFC 5926 section 3.1, or the draft of the algorithm.
    /// </summary>
    /// <param name="masterKey">The master key.</param>
    /// <param name="context">Addresses, ports and ISNs, 20 or 44 bytes (R-036).</param>
    /// <param name="trafficKey">Receives <see cref="TrafficKeyLength"/> bytes.</param>
    public abstract void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey);

    /// <summary>Turns the bytes of a traffic key into the form that <see cref="ComputeMac(ref readonly TrafficKey, ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte})"/> reads.</summary>
    /// <param name="trafficKey"><see cref="TrafficKeyLength"/> bytes (TCP MD5: the master key).</param>
    /// <param name="prepared">Receives the prepared form.</param>
    public abstract void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared);

    /// <summary>Computes the MAC over <paramref name="header"/> followed by <paramref name="payload"/>.</summary>
    /// <param name="key">Made by <see cref="Prepare"/> of this algorithm.</param>
    /// <param name="header">SNE, pseudo-header and TCP header (R-028).</param>
    /// <param name="payload">The segment's data.</param>
    /// <param name="mac">1 to 16 bytes: receives the leading bytes of the algorithm's output (R-035).</param>
    public void ComputeMac(ref readonly TrafficKey key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac) =>
        ComputeMac(TrafficKey.Read(in key)[..PreparedLength], header, payload, mac);

    /// <summary>The same with a prepared key that somebody else keeps, in <see cref="PreparedLength"/> bytes.</summary>
    internal abstract void ComputeMac(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
