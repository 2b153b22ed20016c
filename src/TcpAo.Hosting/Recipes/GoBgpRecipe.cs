using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>GoBGP since September 2026, on a Linux kernel with TCP-AO. It knows no lifetimes; secrets are in base64.</summary>
internal sealed class GoBgpRecipe() : Recipe("gobgp", "GoBGP with TCP-AO (September 2026 or later)")
{
    private protected override string Comment => "#";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys)
    {
        List<VendorFinding> findings = [];
        for (int index = 0; index < keys.Length; index++)
        {
            AoKey key = keys[index].Key;
            if (AlgorithmOf(key) is null)
            {
                bool isKnown = AlgorithmOf(key.Algorithm, key.Algorithm.DefaultMacLength) is not null;
                findings.Add(isKnown
                    ? new VendorFinding("mac-length", IsLimit: true, index, "mac-length", $"has no {key.Algorithm.Name} with a MAC of {key.MacLength} bytes", "leave mac-length out")
                    : new VendorFinding("algorithm", IsLimit: true, index, "algorithm", $"has no {key.Algorithm.Name}", "use aes-128-cmac-96, hmac-sha-1-96 or hmac-sha-256"));
            }
        }

        if (keys.Any(key => key.Send != key.Accept || key.Send != KeyLifetime.Always))
        {
            findings.Add(new VendorFinding("no-lifetimes", IsLimit: false, -1, "", "knows no lifetimes: preferred-send-id is the key to be used now; run this again when that changes"));
        }

        return findings;
    }

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        text.WriteLine("[[keychains]]");
        text.WriteLine("  [keychains.config]");
        text.WriteLine($"    name = \"{request.Chain.Name}\"");
        foreach (RecipeKey key in keys)
        {
            text.WriteLine("  [[keychains.keys]]");
            text.WriteLine("    [keychains.keys.config]");
            text.WriteLine($"      key-id = {key.SendId}");
            text.WriteLine($"      receive-id = {key.RecvId}");
            text.WriteLine($"      crypto-algorithm = \"{AlgorithmOf(key.Key)}\"");
            text.WriteLine($"      secret-key = \"{key.Base64}\"");
            if (!key.Key.IncludeTcpOptions)
            {
                text.WriteLine("      exclude-tcp-options = true");
            }
        }

        // the key that we ask for is the one to be used there
        byte preferred = KeyChainSelector.RNextKey(request.Chain, request.Now)?.RecvId ?? keys[0].SendId;
        text.WriteLine("[[neighbors]]");
        text.WriteLine("  [neighbors.config]");
        text.WriteLine($"    neighbor-address = \"{request.Neighbor}\"");
        text.WriteLine("    peer-as = <our-as>");
        text.WriteLine("  [neighbors.tcp-ao.config]");
        text.WriteLine($"    keychain = \"{request.Chain.Name}\"");
        text.WriteLine($"    preferred-send-id = {preferred}");
    }

    private static string? AlgorithmOf(AoKey key) => AlgorithmOf(key.Algorithm, key.MacLength);

    // its hmac_sha_256_128 is Linux' hmac(sha256) with 16 bytes, not the draft's algorithm
    private static string? AlgorithmOf(MacAlgorithm algorithm, int macLength) => (algorithm.Name, macLength) switch
    {
        ("hmac-sha-1-96", 12) => "hmac_sha_1_96",
        ("aes-128-cmac-96", 12) => "aes_128_cmac_96",
        ("hmac-sha-256", 12) => "hmac_sha_256_96",
        ("hmac-sha-256", 16) => "hmac_sha_256_128",
        _ => null,
    };
}
