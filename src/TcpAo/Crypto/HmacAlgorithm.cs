using System.Collections.Immutable;

namespace TcpAo.Crypto;

/// <summary>The MAC of every algorithm that is an HMAC; their KDFs differ.</summary>
/// <typeparam name="THash">The hash function.</typeparam>
internal abstract class HmacAlgorithm<THash> : MacAlgorithm
    where THash : struct, IHmacHash
{
    private protected HmacAlgorithm(string name, int defaultMacLength, string? linuxName, params ImmutableArray<string> aliases)
        : base(name, THash.InitialState.Length * sizeof(uint), defaultMacLength, linuxName, aliases)
    {
    }

    /// <inheritdoc/>
    internal override string Implementation => BlockFunctions.Current?.Name ?? base.Implementation;

    /// <inheritdoc/>
    internal override int PreparedLength => Hmac<THash>.StateLength;

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared)
    {
        prepared = default;
        Hmac<THash>.Prepare(trafficKey, prepared.Bytes);
    }

    /// <inheritdoc/>
    internal override void ComputeMac(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac) =>
        Hmac<THash>.Compute(prepared, header, payload, mac);
}
