using System.Security.Cryptography;
using TcpAo.Crypto.Batch;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Crypto;

/// <summary>
/// The MAC of one segment under one key: the only place where key derivation, MAC input and algorithm meet
/// (RFC 5925 sections 5.1 and 5.2, RFC 2385).
/// </summary>
internal static class SegmentMac
{
    /// <summary>Derives and prepares the traffic key of one direction.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flow">The direction.</param>
    /// <param name="sourceIsn">The sender's ISN.</param>
    /// <param name="destinationIsn">The receiver's ISN; zero for a SYN without ACK .</param>
    /// <param name="trafficKey">Receives the prepared key.</param>
    public static void Derive(AoKey key, in SegmentFlow flow, uint sourceIsn, uint destinationIsn, out TrafficKey trafficKey)
    {
        if (key.Algorithm.IsTcpMd5)
        {
            key.Algorithm.Prepare(key.MasterKey.Bytes, out trafficKey);
            return;
        }

        Span<byte> context = stackalloc byte[KdfContext.MaxLength];
        Span<byte> raw = stackalloc byte[64];
        raw = raw[..key.Algorithm.TrafficKeyLength];
        int length = KdfContext.Write(context, flow, sourceIsn, destinationIsn);
        key.Algorithm.DeriveTrafficKey(key.MasterKey, context[..length], raw);
        key.Algorithm.Prepare(raw, out trafficKey);
        CryptographicOperations.ZeroMemory(raw);
    }

    /// <summary>Computes the MAC of <paramref name="packet"/>, as long as <paramref name="mac"/> is.</summary>
    public static void Compute(AoKey key, ref readonly TrafficKey trafficKey, in TcpPacket packet, in SegmentFlow flow, uint sne, Span<byte> mac) =>
        Compute(key, TrafficKey.Read(in trafficKey)[..key.Algorithm.PreparedLength], packet, flow, sne, mac);

    /// <summary>The same with a prepared key that a connection keeps.</summary>
    public static void Compute(AoKey key, ReadOnlySpan<byte> prepared, in TcpPacket packet, in SegmentFlow flow, uint sne, Span<byte> mac)
    {
        Span<byte> header = stackalloc byte[MacInput.MaxLength];
        int length = WriteHeader(header, key, packet, flow, sne);
        key.Algorithm.ComputeMac(prepared, header[..length], packet.Payload, mac);
    }

    /// <summary>Adds the MAC of <paramref name="packet"/> to a batch.</summary>
    /// <param name="batch">One of the key's algorithm, with room.</param>
    /// <param name="key">The key.</param>
    /// <param name="prepared">Holds the prepared key.</param>
    /// <param name="preparedAt">Where in it.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="flow">Its direction.</param>
    /// <param name="sne">Its SNE.</param>
    /// <param name="buffer">The buffer that all packets of the batch lie in.</param>
    /// <param name="offset">Where the packet begins in it.</param>
    /// <returns>Its number in the batch.</returns>
    public static int Add(
        MacBatch batch, AoKey key, byte[] prepared, int preparedAt, in TcpPacket packet, in SegmentFlow flow, uint sne, ReadOnlySpan<byte> buffer, int offset)
    {
        int length = WriteHeader(batch.NextHeader, key, packet, flow, sne);
        return batch.Add(prepared, preparedAt, length, buffer, offset + packet.PayloadOffset, packet.Payload.Length);
    }

    /// <summary>Whether the MAC of <paramref name="packet"/> is right. The comparison takes the same time wherever they differ.</summary>
    /// <remarks>The caller has checked that the MAC's length is that of the key .</remarks>
    public static bool Verify(AoKey key, ref readonly TrafficKey trafficKey, in TcpPacket packet, in SegmentFlow flow, uint sne) =>
        Verify(key, TrafficKey.Read(in trafficKey)[..key.Algorithm.PreparedLength], packet, flow, sne);

    /// <summary>The same with a prepared key that a connection keeps.</summary>
    public static bool Verify(AoKey key, ReadOnlySpan<byte> prepared, in TcpPacket packet, in SegmentFlow flow, uint sne)
    {
        ReadOnlySpan<byte> received = key.Algorithm.IsTcpMd5 ? packet.Md5Digest : packet.Mac;
        Span<byte> computed = stackalloc byte[MacAlgorithm.LongestMac];
        computed = computed[..received.Length];
        Compute(key, prepared, packet, flow, sne, computed);
        return FixedTimeMac.Equals(computed, received);
    }

    private static int WriteHeader(Span<byte> header, AoKey key, in TcpPacket packet, in SegmentFlow flow, uint sne) => key.Algorithm.IsTcpMd5
        ? MacInput.WriteMd5(header, packet, flow)
        : MacInput.WriteAo(header, packet, flow, sne, key.IncludeTcpOptions);
}
