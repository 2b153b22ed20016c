using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Tests.KeyChains;

/// <summary>Short words for chains: days are counted from <see cref="Epoch"/>.</summary>
internal static class ChainBuilder
{
    internal static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static DateTimeOffset Day(double day) => Epoch.AddDays(day);

    internal static KeyLifetime Days(double start, double end) => new(Day(start), Day(end));

    internal static KeyChainKey Key(
        ulong id,
        int sendId,
        int recvId,
        KeyLifetime? send = null,
        KeyLifetime? accept = null,
        MacAlgorithm? algorithm = null) =>
        new(id, new AoKey($"test/{id}", (byte)sendId, (byte)recvId, algorithm ?? MacAlgorithms.HmacSha1, Secret.FromText("k"), sendLifetime: send, acceptLifetime: accept));

    internal static KeyChain Chain(params ImmutableArray<KeyChainKey> keys) => new("test", keys, TimeSpan.Zero);
}
