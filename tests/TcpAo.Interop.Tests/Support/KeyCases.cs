namespace TcpAo.Interop.Tests.Support;

/// <summary>Every connection of these tests; one configuration has them all.</summary>
internal static class KeyCases
{
    public const string Rollover4 = "rollover, IPv4";
    public const string Rollover6 = "rollover, IPv6";
    public const string WrongSecret = "wrong secret";
    public const string WrongSecretAsServer = "wrong secret, we wait";
    public const string WrongId = "wrong id";
    public const string WrongIdAsServer = "wrong id, we wait";

    /// <summary>Connections whose sequence numbers wrap; what a case is called goes before the family.</summary>
    public const string WrapOfOurs = "wrap of ours, ";

    public const string WrapOfTheirs = "wrap of theirs, ";

    public const string WrapOfBoth = "wrap of both, ";

    private const string Secret = "000102030405060708090a0b0c0d0e0f";
    private const string OtherSecret = "ff0102030405060708090a0b0c0d0e0f";
    private const int FirstPort = 7000;

    private static readonly (string Name, string LinuxName)[] s_algorithms =
    [
        ("hmac-sha-1-96", "hmac(sha1)"),
        ("aes-128-cmac-96", "cmac(aes128)"),
        ("hmac-sha-256", "hmac(sha256)"),
    ];

    private static readonly List<KeyCase> s_all = [];

    static KeyCases()
    {
        foreach (bool weConnect in (bool[])[true, false])
        {
            string we = weConnect ? "we connect" : "we wait";
            foreach (bool isIPv6 in (bool[])[false, true])
            {
                string family = isIPv6 ? "IPv6" : "IPv4";
                foreach ((string name, string linuxName) in s_algorithms)
                {
                    foreach (int length in (int[])[4, 12, 16])
                    {
                        foreach (bool options in (bool[])[true, false])
                        {
                            Add($"{name}, MAC {length}, {(options ? "with" : "without")} options, {family}, {we}", isIPv6, weConnect, new TestKey(name, linuxName, Secret, length, options));
                        }
                    }

                    Add($"{name}, reset, {family}, {we}", isIPv6, weConnect, new TestKey(name, linuxName, Secret)).EndsWithReset = true;
                }

                Add($"aes-128-cmac-96, secret of 5 bytes, {family}, {we}", isIPv6, weConnect, new TestKey("aes-128-cmac-96", "cmac(aes128)", "0102030405"));
            }
        }

        Echoed = [.. s_all.Select(one => one.Name)];
        TestKey first = new("hmac-sha-1-96", "hmac(sha1)", Secret);
        TestKey second = new("aes-128-cmac-96", "cmac(aes128)", OtherSecret, SendId: 3, RecvId: 4);
        Add(Rollover4, false, false, first, second);
        Add(Rollover6, true, false, first, second);
        foreach (bool isIPv6 in (bool[])[false, true])
        {
            string family = isIPv6 ? "IPv6" : "IPv4";
            Add(WrapOfOurs + family, isIPv6, true, first);
            Add(WrapOfTheirs + family, isIPv6, false, second);
            Add(WrapOfBoth + family, isIPv6, true, first);
        }

        foreach ((string secret, string id, bool weConnect) in ((string, string, bool)[])[(WrongSecret, WrongId, true), (WrongSecretAsServer, WrongIdAsServer, false)])
        {
            Add(secret, false, weConnect, first).PeerKeys = [first with { Secret = OtherSecret }];
            Add(id, false, weConnect, first).PeerKeys = [first with { SendId = 11, RecvId = 12 }];
        }
    }

    public static IReadOnlyList<KeyCase> All => s_all;

    /// <summary>Names of those that connect and echo.</summary>
    public static IReadOnlyList<string> Echoed { get; }

    public static KeyCase Named(string name) => s_all.Single(one => string.Equals(one.Name, name, StringComparison.Ordinal));

    /// <summary>The configuration of our end.</summary>
    public static string Configuration() =>
        $"""
        key-chains:
        {string.Join('\n', s_all.Select(Chain))}
        peers:
        {string.Join('\n', s_all.Select(Peer))}

        """;

    private static KeyCase Add(string name, bool isIPv6, bool weConnect, params TestKey[] keys)
    {
        KeyCase one = new(name, FirstPort + s_all.Count, isIPv6, weConnect, keys);
        s_all.Add(one);
        return one;
    }

    private static string Chain(KeyCase one) => $"  - name: chain{one.Port}\n    keys:\n" + string.Join('\n', one.Keys.Select((key, index) =>
        $"      - {{ id: {index + 1}, send-id: {key.SendId}, recv-id: {key.RecvId}, algorithm: {key.Name}, mac-length: {key.MacLength}, "
        + $"include-tcp-options: {(key.IncludesOptions ? "true" : "false")}, secret-hex: \"{key.Secret}\" }}"));

    /// <summary>No two of them cover the same connection: the other end's port is one that the kernel picks.</summary>
    private static string Peer(KeyCase one) =>
        $"  - {{ name: peer{one.Port}, remote: \"{one.GuestAddress}\", {(one.WeConnect ? "remote" : "local")}-port: {one.Port}, {(one.WeConnect ? "local" : "remote")}-port: 16384-65535, key-chain: chain{one.Port} }}";
}
