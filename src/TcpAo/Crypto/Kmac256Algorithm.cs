namespace TcpAo.Crypto;

/// <summary>
/// KMAC256-128: 128 bits of KMAC256 under a key of 256 bits that KMAC256 derived too.
/// Source: draft-ietf-tcpm-tcp-ao-algs, NIST SP 800-185 section 4.
/// </summary>
internal sealed class Kmac256Algorithm() : MacAlgorithm("kmac-256-128", 32, OutputLength, linuxName: null)
{
    private const int OutputLength = 16;

    /// <inheritdoc/>
    public override void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey)
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[132];
        KmacSponge sponge = new(zeros, "KDF"u8);
        sponge.Append([0, 0, 0, 1]);
        sponge.Append(masterKey.Bytes);
        sponge.Append(context);
        sponge.Finish(TrafficKeyLength, trafficKey[..TrafficKeyLength]);
    }

    /// <inheritdoc/>
    internal override int PreparedLength => KmacSponge.StateLength;

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared)
    {
        prepared = default;
        KmacSponge sponge = new(trafficKey, customization: default);
        sponge.Save(prepared.Bytes);
        sponge.Clear();
    }

    /// <inheritdoc/>
    internal override void ComputeMac(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac)
    {
        KmacSponge sponge = new(prepared);
        sponge.Append(header);
        sponge.Append(payload);
        sponge.Finish(OutputLength, mac);
    }
}
