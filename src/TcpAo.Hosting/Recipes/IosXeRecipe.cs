using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Recipes;

/// <summary>Cisco IOS XE, 16.12 and later. Options are left out of the MAC unless the neighbour says otherwise.</summary>
internal sealed class IosXeRecipe() : Recipe("ios-xe", "Cisco IOS XE 16.12 or later")
{
    private protected override string Comment => "!";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys) =>
    [
        .. OnlyRfc5926(keys),
        .. OnlyText(keys, " ?\""),
        .. OneForAll(keys, "include-tcp-options", static key => key.Key.IncludeTcpOptions),
        new VendorFinding("options-default", IsLimit: false, 0, "include-tcp-options", "leaves TCP options out of the MAC unless include-tcp-options stands at the neighbour, not in the key chain"),
        new VendorFinding("live-change", IsLimit: false, -1, "", "may flap sessions when the keys of a neighbour in use are changed: add a new key before its time, change none that is in use"),
        new VendorFinding("router-clock", IsLimit: false, -1, "", "reads lifetimes in its own time zone; these are in UTC"),
    ];

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        text.WriteLine($"key chain {request.Chain.Name} tcp");
        foreach (RecipeKey key in keys)
        {
            text.WriteLine($" key {key.Id}");
            text.WriteLine($"  send-id {key.SendId}");
            text.WriteLine($"  recv-id {key.RecvId}");
            text.WriteLine($"  cryptographic-algorithm {(key.IsAlgorithm(MacAlgorithms.AesCmac) ? "aes-128-cmac" : "hmac-sha-1")}");
            text.WriteLine($"  key-string 0 {key.Text}");
            text.WriteLine($"  accept-lifetime {RouterTime.Span(key.Accept, RouterTime.Ios)}");
            text.WriteLine($"  send-lifetime {RouterTime.Span(key.Send, RouterTime.Ios)}");
        }

        text.WriteLine("!");
        text.WriteLine("router bgp <their-as>");
        text.WriteLine($" neighbor {request.Neighbor} ao {request.Chain.Name}{(keys[0].Key.IncludeTcpOptions ? " include-tcp-options" : "")}");
    }
}
