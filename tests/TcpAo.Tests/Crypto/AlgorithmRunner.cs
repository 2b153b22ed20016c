using TcpAo.Crypto;

namespace TcpAo.Tests.Crypto;

/// <summary>Calls an algorithm the way a connection does, from key to MAC.</summary>
internal static class AlgorithmRunner
{
    public static byte[] TrafficKey(MacAlgorithm algorithm, byte[] masterKey, byte[] context)
    {
        using Secret secret = Secret.FromBytes(masterKey);
        byte[] trafficKey = new byte[algorithm.TrafficKeyLength];
        algorithm.DeriveTrafficKey(secret, context, trafficKey);
        return trafficKey;
    }

    public static byte[] Mac(MacAlgorithm algorithm, byte[] trafficKey, byte[] message, int macLength, int cut = 0)
    {
        algorithm.Prepare(trafficKey, out TrafficKey key);
        byte[] mac = new byte[macLength];
        algorithm.ComputeMac(in key, message.AsSpan(0, cut), message.AsSpan(cut), mac);
        return mac;
    }

    public static byte[] Digest<THash>(byte[] message)
        where THash : struct, IBlockHash
    {
        BlockHasher<THash> hasher = new(THash.InitialState, 0);
        hasher.Append(message);
        byte[] digest = new byte[THash.InitialState.Length * sizeof(uint)];
        hasher.Finish(digest);
        return digest;
    }

    public static byte[] KeyedDigest<THash>(byte[] key, byte[] message)
        where THash : struct, IHmacHash
    {
        byte[] keyed = new byte[Hmac<THash>.StateLength];
        Hmac<THash>.Prepare(key, keyed);
        byte[] mac = new byte[THash.InitialState.Length * sizeof(uint)];
        Hmac<THash>.Compute(keyed, message, default, mac);
        return mac;
    }

    public static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
