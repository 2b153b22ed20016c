using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Linux.Tests.Sockets;

/// <summary>Chains of two keys: 1 signs from day 0 to 10, 2 from day 9 on, each accepted a day longer at both ends.</summary>
internal static class Chains
{
    public static KeyChain Rolling { get; } = Of(Key(1, "first", 0, 10), Key(2, "second", 9, 10_000));

    public static KeyChain Of(params KeyChainKey[] keys) => new("core", [.. keys], TimeSpan.Zero);

    public static KeyChainKey Key(byte id, string secret, double from, double to, MacAlgorithm? algorithm = null) =>
        new(id, new AoKey($"core/{id}", id, id, algorithm ?? MacAlgorithms.HmacSha1, Secret.FromText(secret), sendLifetime: Days(from, to), acceptLifetime: Days(from - 1, to + 1)));

    private static KeyLifetime Days(double from, double to) => new(ManualTime.Epoch.AddDays(from), ManualTime.Epoch.AddDays(to));
}
