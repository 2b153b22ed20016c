using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Recipes;

/// <summary>Arista EOS, 4.28.2F and later. A key has one id for both ways, and the algorithm is the neighbour's.</summary>
internal sealed class EosRecipe() : Recipe("eos", "Arista EOS 4.28.2F or later")
{
    private protected override string Comment => "!";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys)
    {
        List<VendorFinding> findings =
        [
            .. OnlyRfc5926(keys), .. OnlyText(keys, " ?\""), .. OptionsIncluded(keys), .. OneForAll(keys, "algorithm", static key => key.Key.Algorithm.Name),
        ];
        for (int index = 0; index < keys.Length; index++)
        {
            if (keys[index].SendId != keys[index].RecvId)
            {
                findings.Add(new VendorFinding("one-id", IsLimit: true, index, "send-id", "has one id of a key for both ways, and here they differ", "give the key the same send-id and recv-id"));
            }

            if (keys[index].Send.IsEmpty || keys[index].Accept.IsEmpty)
            {
                findings.Add(new VendorFinding("one-way", IsLimit: true, index, "", "takes no key for one way alone", "leave no-send and no-recv out"));
            }
        }

        findings.Add(new VendorFinding("multi-agent", IsLimit: false, -1, "", "needs 'service routing protocols model multi-agent', which counts after a reload of the router"));
        findings.Add(new VendorFinding("router-clock", IsLimit: false, -1, "", "reads lifetimes in its own time zone; these are in UTC"));
        return findings;
    }

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        text.WriteLine("management security");
        text.WriteLine($"   session shared-secret profile {request.Chain.Name}");
        foreach (RecipeKey key in keys)
        {
            text.WriteLine($"      secret {key.SendId} 0 {key.Text} receive-lifetime {RouterTime.Span(key.Accept, RouterTime.Eos)} transmit-lifetime {RouterTime.Span(key.Send, RouterTime.Eos)}");
        }

        text.WriteLine("!");
        text.WriteLine("router bgp <their-as>");
        text.WriteLine($"   neighbor {request.Neighbor} password shared-secret profile {request.Chain.Name} algorithm {(keys[0].IsAlgorithm(MacAlgorithms.AesCmac) ? "aes-128-cmac-96" : "hmac-sha1-96")}");
    }
}
