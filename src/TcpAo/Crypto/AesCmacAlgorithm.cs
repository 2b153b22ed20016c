using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>AES-128-CMAC-96 with KDF_AES_128_CMAC. Source: RFC 5926 sections 3.1.1.2 and 3.2.2 .</summary>
/// <typeparam name="TAes">The cipher: the CPU's or the portable one.</typeparam>
internal sealed class AesCmacAlgorithm<TAes>() : MacAlgorithm("aes-128-cmac-96", AesKeySchedule.BlockLength, 12, "cmac(aes128)", "AES128")
    where TAes : struct, IAes128
{
    /// <inheritdoc/>
    public override void DeriveTrafficKey(Secret masterKey, ReadOnlySpan<byte> context, Span<byte> trafficKey)
    {
        Span<byte> keyed = stackalloc byte[Cmac<TAes>.StateLength];
        Span<byte> key = stackalloc byte[AesKeySchedule.BlockLength];
        Span<byte> buffer = stackalloc byte[Rfc5926Kdf.LongestBlock];
        if (masterKey.Length == key.Length)
        {
            masterKey.Bytes.CopyTo(key);
        }
        else
        {
            Cmac<TAes>.Prepare(key, keyed);
            Cmac<TAes>.Compute(keyed, masterKey.Bytes, default, key);
        }

        Cmac<TAes>.Prepare(key, keyed);
        Cmac<TAes>.Compute(keyed, Rfc5926Kdf.WriteBlock(context, TrafficKeyLength, buffer), default, trafficKey[..TrafficKeyLength]);
        CryptographicOperations.ZeroMemory(keyed);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <inheritdoc/>
    internal override string Implementation => TAes.Name;

    /// <inheritdoc/>
    internal override int PreparedLength => Cmac<TAes>.StateLength;

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<byte> trafficKey, out TrafficKey prepared)
    {
        prepared = default;
        Cmac<TAes>.Prepare(trafficKey, prepared.Bytes);
    }

    /// <inheritdoc/>
    internal override void ComputeMac(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> mac) =>
        Cmac<TAes>.Compute(prepared, header, payload, mac);
}
