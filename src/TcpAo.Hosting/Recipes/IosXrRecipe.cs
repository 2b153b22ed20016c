using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>Cisco IOS XR, 7.0.2 and later. A key is valid there only if both its lifetimes are the same.</summary>
internal sealed class IosXrRecipe() : Recipe("ios-xr", "Cisco IOS XR 7.0.2 or later")
{
    private protected override string Comment => "!";

    private protected override IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys) =>
    [
        .. OnlyRfc5926(keys),
        .. OnlyText(keys, " ?\""),
        .. OneForAll(keys, "include-tcp-options", static key => key.Key.IncludeTcpOptions),
        .. keys.SelectMany((key, index) => Lifetimes(key, index)),
        new VendorFinding("nsr", IsLimit: false, -1, "", "loses type 6 key chains at an NSR failover in some releases (CSCvv05221)"),
        new VendorFinding("router-clock", IsLimit: false, -1, "", "reads lifetimes in its own time zone; these are in UTC"),
    ];

    private protected override void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys)
    {
        text.WriteLine($"key chain {request.Chain.Name}");
        foreach (RecipeKey key in keys)
        {
            // we accept all the time that the router may send, and it accepts all the time that we may
            string lifetime = RouterTime.Span(key.Accept, RouterTime.IosXr);
            text.WriteLine($" key {key.Id}");
            text.WriteLine($"  accept-lifetime {lifetime}");
            text.WriteLine($"  key-string clear {key.Text}");
            text.WriteLine($"  send-lifetime {lifetime}");
            text.WriteLine($"  cryptographic-algorithm {(key.IsAlgorithm(MacAlgorithms.AesCmac) ? "AES-128-CMAC-96" : "HMAC-SHA1-96")}");
            text.WriteLine(" !");
        }

        text.WriteLine("!");
        text.WriteLine("tcp ao");
        text.WriteLine($" keychain {request.Chain.Name}");
        foreach (RecipeKey key in keys)
        {
            text.WriteLine($"  key {key.Id} SendID {key.SendId} ReceiveID {key.RecvId}");
        }

        text.WriteLine(" !");
        text.WriteLine("!");
        text.WriteLine("router bgp <their-as>");
        text.WriteLine($" neighbor {request.Neighbor}");
        text.WriteLine($"  ao {request.Chain.Name} include-tcp-options {(keys[0].Key.IncludeTcpOptions ? "enable" : "disable")}");
        text.WriteLine(" !");
        text.WriteLine("!");
    }

    private static IEnumerable<VendorFinding> Lifetimes(RecipeKey key, int index)
    {
        if (key.Send.IsEmpty || key.Accept.IsEmpty)
        {
            yield return new VendorFinding("one-way", IsLimit: true, index, "", "takes no key for one way alone: both lifetimes have to be the same", "leave no-send and no-recv out");
        }
        else if (key.Send.Start < key.Accept.Start || key.Send.End > key.Accept.End)
        {
            yield return new VendorFinding("lifetimes", IsLimit: true, index, "send-lifetime", "needs the same lifetime for both ways, and here the key signs while it is not accepted", "let the accept lifetime hold the send lifetime");
        }
        else if (key.Send != key.Accept)
        {
            yield return new VendorFinding("lifetimes", IsLimit: false, index, "send-lifetime", "takes a key for invalid whose send and accept lifetimes differ: there both are the accept lifetime");
        }
    }
}
