using System.Collections.Immutable;

namespace TcpAo.Crypto;

/// <summary>The MAC of every algorithm that is an HMAC; their KDFs differ.</summary>
/// <typeparam name="THash">The hash function.</typeparam>
internal abstract class HmacAlgorithm<THash> : MacAlgorithm
    where THash : struct, IBlockHash
{
    private protected HmacAlgorithm(string name, int defaultMacLength, string? linuxName, params ImmutableArray<string> aliases)
        : base(name, THash.InitialState.Length * sizeof(uint), defaultMacLength, linuxName, aliases)
    {
    }

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared)
    {
        prepared = default;
        Hmac<THash>.Prepare(trafficKey, prepared.Bytes);
    }

    /// <inheritdoc/>
    public override void ComputeMac(ref readonly TrafficKey key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac) =>
        Hmac<THash>.Compute(TrafficKey.Read(in key)[..Hmac<THash>.StateLength], header, payload, mac);
}
