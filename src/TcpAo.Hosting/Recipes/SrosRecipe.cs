using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Recipes;

/// <summary>Nokia SR OS, 16.0R15, 19.10R7, 20.5R1 and later, MD-CLI. Sending and receiving are entries apart, and the number of an entry is the KeyID.</summary>
internal sealed class SrosRecipe() : Recipe("sros", "Nokia SR OS 16.0R15, 19.10R7, 20.5R1 or later (MD-CLI)")
{
    private const int HighestEntry = 63;

    private protected override string Comment => "#";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys)
    {
        List<VendorFinding> findings = [.. OnlyRfc5926(keys), .. OnlyText(keys, "\"\\"), .. OptionsIncluded(keys)];
        for (int index = 0; index < keys.Length; index++)
        {
            if (keys[index].SendId > HighestEntry || keys[index].RecvId > HighestEntry)
            {
                findings.Add(new VendorFinding("entry", IsLimit: true, index, "send-id", $"takes the number of an entry for the KeyID, and entries go from 0 to {HighestEntry}", $"use ids up to {HighestEntry}"));
            }
        }

        findings.Add(new VendorFinding("entry-is-id", IsLimit: false, -1, "", "takes the number of an entry for the KeyID, which is why send and receive entries have numbers of their own"));
        if (keys.Any(key => key.Send.End != DateTimeOffset.MaxValue))
        {
            findings.Add(new VendorFinding("no-end", IsLimit: false, -1, "", "sends with a key until the next one begins: delete entries that are over"));
        }

        return findings;
    }

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        string chain = $"/configure system security keychains keychain \"{request.Chain.Name}\"";
        text.WriteLine($"{chain} tcp-option-number receive tcp-ao");
        text.WriteLine($"{chain} tcp-option-number send tcp-ao");
        foreach (RecipeKey key in keys)
        {
            string algorithm = key.IsAlgorithm(MacAlgorithms.AesCmac) ? "aes-128-cmac-96" : "hmac-sha-1-96";
            if (!key.Accept.IsEmpty)
            {
                Entry($"{chain} receive entry {key.RecvId}", key.Accept.Start);
            }

            if (!key.Send.IsEmpty)
            {
                Entry($"{chain} send entry {key.SendId}", key.Send.Start);
            }

            void Entry(string entry, DateTimeOffset start)
            {
                text.WriteLine($"{entry} authentication-key \"{key.Text}\"");
                text.WriteLine($"{entry} algorithm {algorithm}");
                text.WriteLine($"{entry} begin-time {RouterTime.Sros(start)}");
            }
        }

        text.WriteLine($"/configure router \"Base\" bgp neighbor \"{request.Neighbor}\" authentication-keychain \"{request.Chain.Name}\"");
    }
}
