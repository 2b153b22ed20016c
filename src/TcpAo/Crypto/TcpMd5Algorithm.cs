namespace TcpAo.Crypto;

/// <summary>
/// TCP MD5: the digest of header, payload and key. There is no KDF; the key is prepared from the master key itself.
/// Source: RFC 2385 section 2.0.
/// </summary>
internal sealed class TcpMd5Algorithm() : MacAlgorithm("tcp-md5", trafficKeyLength: 0, DigestLength, linuxName: null)
{
    private const int DigestLength = 16;

    /// <inheritdoc/>
    public override int MinMacLength => DigestLength;

    /// <inheritdoc/>
    public override int MaxMacLength => DigestLength;

    /// <summary>Does nothing.</summary>
    public override void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey)
    {
    }

    /// <inheritdoc/>
    internal override int PreparedLength => Secret.MaxLength + 1;

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared)
    {
        prepared = default;
        trafficKey.CopyTo(prepared.Bytes[..Secret.MaxLength]);
        prepared.Bytes[Secret.MaxLength] = (byte)trafficKey.Length;
    }

    /// <inheritdoc/>
    internal override void ComputeMac(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac)
    {
        BlockHasher<Md5> hasher = new(Md5.InitialState, 0);
        hasher.Append(header);
        hasher.Append(payload);
        hasher.Append(prepared[..prepared[Secret.MaxLength]]);
        hasher.Finish(mac);
    }
}
