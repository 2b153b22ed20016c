using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Fuzz.Engine;

/// <summary>The fixed keys of the two engines and of the verifier. First end's SendID is the second end's RecvID.</summary>
internal static class FuzzKeys
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Keys of RFC 9235 and of the captures among the corpus: ids 61 and 84, the secret that the RFC and the lab use.</summary>
    public static KeyRing Rfc9235 { get; } = new(new AoKey("rfc9235", 61, 84, MacAlgorithms.HmacSha1, Secret.FromText("testvector")));

    public static KeyRing Lab { get; } = new(new AoKey("lab", 61, 84, MacAlgorithms.HmacSha1, Secret.FromHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")));

    public static KeyRing LabCmac { get; } = new(new AoKey("lab-cmac", 61, 84, MacAlgorithms.AesCmac, Secret.FromHex("000102030405060708090a0b0c0d0e0f")));

    public static KeyRing Md5 { get; } = new(
        new AoKey("md5/1", 0, 0, MacAlgorithms.TcpMd5, Secret.FromText("legacy")),
        new AoKey("md5/2", 0, 0, MacAlgorithms.TcpMd5, Secret.FromText("older legacy")));

    /// <summary>A chain that no sound configuration has: both kinds of key.</summary>
    public static KeyRing Mixed { get; } = new(
        new AoKey("mixed/1", 7, 7, MacAlgorithms.HmacSha256, Secret.FromText("one"), includeTcpOptions: false),
        new AoKey("mixed/2", 0, 0, MacAlgorithms.TcpMd5, Secret.FromText("two")));

    /// <summary>The rings that one end has in turn: at the start, after a change, and with other secrets under old ids.</summary>
    public static KeyRing[] RingsOf(bool first) =>
    [
        new(Key(first, 1, 1, 0), Key(first, 2, 3, 1), Key(first, 4, 4, 2)),
        new(Key(first, 2, 3, 1), Key(first, 5, 6, 3), Key(first, 4, 4, 2)),
        new(Key(first, 1, 1, 4), Key(first, 5, 6, 3)),
        KeyRing.Empty,
    ];

    private static AoKey Key(bool first, byte firstSends, byte secondSends, int kind)
    {
        byte sendId = first ? firstSends : secondSends;
        byte recvId = first ? secondSends : firstSends;
        string name = $"key/{firstSends}/{kind}";
        DateTimeOffset change = Start.AddMinutes(10);
        return kind switch
        {
            0 => new AoKey(name, sendId, recvId, MacAlgorithms.HmacSha1, Secret.FromText("first secret")),
            1 => new AoKey(name, sendId, recvId, MacAlgorithms.AesCmac, Secret.FromText("second"), macLength: 16, includeTcpOptions: false),
            2 => new AoKey(
                name, sendId, recvId, MacAlgorithms.HmacSha256, Secret.FromText("third"), macLength: 13,
                sendLifetime: new KeyLifetime(change, change.AddHours(1)), acceptLifetime: new KeyLifetime(change.AddMinutes(-1), change.AddHours(2))),
            3 => new AoKey(name, sendId, recvId, MacAlgorithms.Kmac256, Secret.FromText("fourth"), sendLifetime: new KeyLifetime(Start, change)),
            _ => new AoKey(name, sendId, recvId, MacAlgorithms.HmacSha256Hkdf, Secret.FromText("fifth")),
        };
    }
}
