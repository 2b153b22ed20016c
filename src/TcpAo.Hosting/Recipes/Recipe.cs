using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>
/// Writes the configuration that the other side of a session needs, in the words of one kind of router. Taken from the makers' documentation and public records
/// of interoperation (docs/reference/keys.md); none of these texts was given to a router here. What a router cannot do is refused, not left out.
/// </summary>
public abstract class Recipe
{
    private protected Recipe(string name, string title)
    {
        Name = name;
        Title = title;
    }

    /// <summary>What <c>--format</c> calls it.</summary>
    public string Name { get; }

    /// <summary>The product and the versions that have TCP-AO.</summary>
    public string Title { get; }

    /// <summary>What the router makes of a chain: what it cannot do, and what to mind.</summary>
    public IEnumerable<VendorFinding> Examine(KeyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ImmutableArray<RecipeKey> keys = [.. chain.Keys.Select(entry => new RecipeKey(chain, entry, withSecrets: false))];
        int md5 = chain.Keys.Select((entry, index) => (entry.Key, index)).Where(entry => entry.Key.Algorithm.IsTcpMd5).Select(entry => entry.index).DefaultIfEmpty(-1).First();
        return md5 >= 0 ? [new VendorFinding("md5", IsLimit: true, md5, "algorithm", "has TCP MD5 in another place: this is a recipe for TCP-AO")]
            : IsPlain(chain.Name) ? ExamineKeys(chain, keys)
            : [new VendorFinding("name", IsLimit: true, -1, "name", "is not safe with the name of this chain, which goes into its configuration", "use letters, digits, '-', '_' and '.' alone"), .. ExamineKeys(chain, keys)];
    }

    /// <summary>Writes the configuration.</summary>
    /// <exception cref="RecipeException">The router cannot do it.</exception>
    public string Write(RecipeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        KeyChain chain = request.Chain;
        KeyChain living = new(chain.Name, [.. chain.Keys.Where(entry => !IsOver(entry.Key.SendLifetime, request.Now) || !IsOver(entry.Key.AcceptLifetime, request.Now))], chain.AcceptTolerance);
        if (living.Keys.IsEmpty)
        {
            throw new RecipeException([$"every key of chain {chain.Name} is over; 'tcpao keys rollover {chain.Name}' makes the next one"]);
        }

        VendorFinding[] findings = [.. Examine(living)];
        ImmutableArray<string> limits = [.. findings.Where(finding => finding.IsLimit).Select(finding => Sentence(living, finding))];
        if (!limits.IsEmpty)
        {
            throw new RecipeException(limits);
        }

        using var text = new StringWriter { NewLine = "\n" };
        text.WriteLine($"{Comment} {Title}: the other side of key chain {chain.Name}; send and receive ids are swapped");
        foreach (VendorFinding mind in findings)
        {
            text.WriteLine($"{Comment} {Sentence(living, mind)}");
        }

        Write(text, request, [.. living.Keys.Select(entry => new RecipeKey(chain, entry, request.WithSecrets))]);
        return text.ToString();
    }

    /// <summary>A finding as a sentence with the router's name.</summary>
    public string Sentence(KeyChain chain, VendorFinding finding)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(finding);
        string where = finding.KeyIndex < 0 ? chain.Name : $"{chain.Name}/{chain.Keys[finding.KeyIndex].Id}";
        return $"{where}: {Name} {finding.Message}{(finding.Hint is null ? "" : $"; {finding.Hint}")}";
    }

    private protected abstract string Comment { get; }

    private protected abstract IEnumerable<VendorFinding> ExamineKeys(KeyChain chain, ImmutableArray<RecipeKey> keys);

    private protected abstract void Write(StringWriter text, RecipeRequest request, ImmutableArray<RecipeKey> keys);

    /// <summary>The two algorithms of RFC 5926, with MACs of 12 bytes: what routers have.</summary>
    private protected static IEnumerable<VendorFinding> OnlyRfc5926(ImmutableArray<RecipeKey> keys)
    {
        for (int index = 0; index < keys.Length; index++)
        {
            if (!keys[index].IsAlgorithm(MacAlgorithms.HmacSha1) && !keys[index].IsAlgorithm(MacAlgorithms.AesCmac))
            {
                yield return new VendorFinding("algorithm", IsLimit: true, index, "algorithm", $"is not known to have {keys[index].Key.Algorithm.Name} as it is done here", "use aes-128-cmac-96 or hmac-sha-1-96");
            }

            if (keys[index].Key.MacLength != keys[index].Key.Algorithm.DefaultMacLength)
            {
                yield return new VendorFinding("mac-length", IsLimit: true, index, "mac-length", $"has no setting for a MAC of {keys[index].Key.MacLength} bytes", "leave mac-length out");
            }
        }
    }

    /// <summary>Secrets that can be typed.</summary>
    private protected static IEnumerable<VendorFinding> OnlyText(ImmutableArray<RecipeKey> keys, string without)
    {
        for (int index = 0; index < keys.Length; index++)
        {
            if (!keys[index].IsText || keys[index].HasAnyOf(without))
            {
                yield return new VendorFinding("secret-form", IsLimit: true, index, "", "takes a secret as text, and this one has bytes that cannot be typed there", "make one with 'tcpao keys generate --text'");
            }
        }
    }

    /// <summary>One setting of the neighbour for all keys.</summary>
    private protected static IEnumerable<VendorFinding> OneForAll<T>(ImmutableArray<RecipeKey> keys, string leaf, Func<RecipeKey, T> read)
    {
        for (int index = 1; index < keys.Length; index++)
        {
            if (!EqualityComparer<T>.Default.Equals(read(keys[index]), read(keys[0])))
            {
                yield return new VendorFinding("one-for-all", IsLimit: true, index, leaf, $"has one {leaf} for a neighbour, and the keys of this chain differ in it", "roll over between two settings with two chains, or give all keys the same");
            }
        }
    }

    private protected static IEnumerable<VendorFinding> OptionsIncluded(ImmutableArray<RecipeKey> keys)
    {
        for (int index = 0; index < keys.Length; index++)
        {
            if (!keys[index].Key.IncludeTcpOptions)
            {
                yield return new VendorFinding("options", IsLimit: true, index, "include-tcp-options", "always covers the other TCP options", "leave include-tcp-options out");
            }
        }
    }

    private static bool IsPlain(string name) => name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsOver(KeyLifetime lifetime, DateTimeOffset now) => lifetime.IsEmpty || lifetime.End <= now;
}
