using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Tests.Support;

/// <summary>Keys as both ends have them: one's SendID is the other's RecvID.</summary>
internal sealed record KeyBoth(AoKey Client, AoKey Server)
{
    /// <summary>Every algorithm of TCP-AO.</summary>
    public static IEnumerable<MacAlgorithm> AoAlgorithms => MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5);

    public static KeyBoth Of(
        byte clientId = 61,
        byte serverId = 84,
        MacAlgorithm? algorithm = null,
        string secret = "testvector",
        int? macLength = null,
        bool includeTcpOptions = true,
        KeyLifetime? send = null,
        KeyLifetime? accept = null)
    {
        algorithm ??= MacAlgorithms.HmacSha1;
        return new KeyBoth(
            new AoKey($"c/{clientId}", clientId, serverId, algorithm, Secret.FromText(secret), macLength, includeTcpOptions, send, accept),
            new AoKey($"s/{serverId}", serverId, clientId, algorithm, Secret.FromText(secret), macLength, includeTcpOptions, send, accept));
    }
}

/// <summary>One set of rules for every connection, or a function's.</summary>
internal sealed class TestSource(Func<SocketPair, ConnectionPolicy?> find) : IKeySource
{
    public TestSource(ConnectionPolicy? policy)
        : this(_ => policy)
    {
    }

    public static TestSource None { get; } = new((ConnectionPolicy?)null);

    public ConnectionPolicy? Find(in SocketPair pair) => find(pair);

    public static TestSource Of(params AoKey[] keys) => new(new ConnectionPolicy("peer", new KeyRing(keys)));

    public static TestSource Of(PeerMode mode, params AoKey[] keys) => new(new ConnectionPolicy("peer", new KeyRing(keys)) { Mode = mode });

    public static TestSource Socket(params AoKey[] keys) => new(new ConnectionPolicy("socket", new KeyRing(keys)) { Scope = KeyScope.Socket });
}
