using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>Juniper Junos, 20.3R1 and later. Keys have a start and no end; options are left out of the MAC unless enabled.</summary>
internal sealed class JunosRecipe() : Recipe("junos", "Juniper Junos 20.3R1 or later")
{
    private const int MostKeys = 64;

    private protected override string Comment => "#";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys)
    {
        List<VendorFinding> findings = [.. OnlyRfc5926(keys), .. OnlyText(keys, "\"\\")];
        if (keys.Length > MostKeys)
        {
            findings.Add(new VendorFinding("many-keys", IsLimit: true, -1, "keys", $"has room for {MostKeys} keys in a chain, and this one has {keys.Length}", "retire keys that are over"));
        }

        for (int index = 0; index < keys.Length; index++)
        {
            if (keys[index].Send.IsEmpty || keys[index].Accept.IsEmpty)
            {
                findings.Add(new VendorFinding("one-way", IsLimit: true, index, "", "is not known to take a key for one way alone with TCP-AO", "leave no-send and no-recv out"));
            }

            if (keys.Take(index).Any(other => other.Send.Start == keys[index].Send.Start))
            {
                findings.Add(new VendorFinding("start-time", IsLimit: true, index, "send-lifetime", "tells keys apart by their start alone, and two of this chain start at the same time", "give the newer one a later start"));
            }
        }

        findings.Add(new VendorFinding("options-default", IsLimit: false, 0, "include-tcp-options", "leaves TCP options out of the MAC unless tcp-ao-option is enabled"));
        if (keys.Any(key => key.Send.End != DateTimeOffset.MaxValue))
        {
            findings.Add(new VendorFinding("no-end", IsLimit: false, -1, "", "knows no end of a key: it uses one until the next one starts, so delete what is over"));
        }

        findings.Add(new VendorFinding("shows-md5", IsLimit: false, -1, "", "writes hmac-md5 for these keys in 'show security keychain detail', which means nothing"));
        return findings;
    }

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        string chain = $"set security authentication-key-chains key-chain {request.Chain.Name}";

        // our numbers where they fit, else their order
        bool fits = keys.All(key => key.Id < MostKeys);
        for (int index = 0; index < keys.Length; index++)
        {
            RecipeKey key = keys[index];
            string entry = $"{chain} key {(fits ? key.Id : (ulong)index)}";
            text.WriteLine($"{entry} secret \"{key.Text}\"");
            text.WriteLine($"{entry} start-time \"{RouterTime.Junos(key.Send.Start)}\"");
            text.WriteLine($"{entry} algorithm ao");
            text.WriteLine($"{entry} ao-attribute send-id {key.SendId}");
            text.WriteLine($"{entry} ao-attribute recv-id {key.RecvId}");
            text.WriteLine($"{entry} ao-attribute tcp-ao-option {(key.Key.IncludeTcpOptions ? "enabled" : "disabled")}");
            text.WriteLine($"{entry} ao-attribute cryptographic-algorithm {(key.IsAlgorithm(MacAlgorithms.AesCmac) ? "aes-128-cmac-96" : "hmac-sha-1-96")}");
        }

        string neighbor = $"set protocols bgp group <group> neighbor {request.Neighbor}";
        text.WriteLine($"{neighbor} authentication-algorithm ao");
        text.WriteLine($"{neighbor} authentication-key-chain {request.Chain.Name}");
    }
}
