using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>BIRD, 2.17 and later or 3.1 and later, on a Linux kernel with TCP-AO. It knows no lifetimes.</summary>
internal sealed class BirdRecipe() : Recipe("bird", "BIRD 2.17 or 3.1 or later")
{
    private protected override string Comment => "#";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys)
    {
        List<VendorFinding> findings = [.. OptionsIncluded(keys)];
        for (int index = 0; index < keys.Length; index++)
        {
            if (AlgorithmOf(keys[index].Key.Algorithm) is null)
            {
                findings.Add(new VendorFinding("algorithm", IsLimit: true, index, "algorithm", $"has no {keys[index].Key.Algorithm.Name}", "use aes-128-cmac-96, hmac-sha-1-96 or hmac-sha-256"));
            }
            else if (keys[index].Key.MacLength != keys[index].Key.Algorithm.DefaultMacLength)
            {
                findings.Add(new VendorFinding("mac-length", IsLimit: true, index, "mac-length", $"has no setting for a MAC of {keys[index].Key.MacLength} bytes", "leave mac-length out"));
            }
        }

        if (keys.Any(key => key.Send != key.Accept || key.Send != KeyLifetime.Always))
        {
            findings.Add(new VendorFinding("no-lifetimes", IsLimit: false, -1, "", "knows no lifetimes: 'preferred' is the key to be used now, 'deprecated' one that goes; run this again when that changes, and remove a key only when nobody uses it"));
        }

        findings.Add(new VendorFinding("dynamic", IsLimit: false, -1, "", "does not do TCP-AO for dynamic neighbours"));
        return findings;
    }

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        // the key that we ask for is the one to be used there
        AoKey? preferred = KeyChainSelector.RNextKey(request.Chain, request.Now);
        text.WriteLine("protocol bgp <name> {");
        text.WriteLine($"    neighbor {request.Neighbor} as <our-as>;");
        text.WriteLine("    authentication ao;");
        text.WriteLine("    keys {");
        foreach (RecipeKey key in keys)
        {
            string ids = key.SendId == key.RecvId ? $"id {key.SendId};" : $"send id {key.SendId}; recv id {key.RecvId};";
            string secret = key.IsText && !key.HasAnyOf("\"\\") ? $"\"{key.Text}\"" : $"hex:{key.Hex}";
            string role = ReferenceEquals(key.Key, preferred) ? " preferred;" : keys.Length > 1 && key.Send.End != DateTimeOffset.MaxValue ? " deprecated;" : "";
            text.WriteLine($"        key {{ {ids} secret {secret}; algorithm {AlgorithmOf(key.Key.Algorithm)};{role} }};");
        }

        text.WriteLine("    };");
        text.WriteLine("}");
    }

    private static string? AlgorithmOf(MacAlgorithm algorithm) =>
        algorithm == MacAlgorithms.HmacSha1 ? "hmac sha1" : algorithm == MacAlgorithms.AesCmac ? "cmac aes128" : algorithm == MacAlgorithms.HmacSha256 ? "hmac sha256" : null;
}
