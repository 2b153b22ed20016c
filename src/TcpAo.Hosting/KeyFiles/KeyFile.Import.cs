using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.KeyFiles;

public sealed partial class KeyFile
{
    /// <summary>Takes key chains over: chains that are not there are added, and keys that are not there. A key that is there and differs is refused.</summary>
    /// <param name="chains">The chains, such as <see cref="YangJson.Read"/> gives.</param>
    /// <param name="storage">Where secrets are put.</param>
    /// <exception cref="KeyFileException">A key has no secret, one does not unwrap, or a key differs from one that is there.</exception>
    public KeyFileChange Import(YangKeyChains chains, SecretStorage storage)
    {
        ArgumentNullException.ThrowIfNull(chains);
        var edit = new YamlEdit(_text);
        var meant = new Dictionary<string, ImmutableArray<KeyChainKey>>(StringComparer.Ordinal);
        HashSet<string> touched = new(StringComparer.Ordinal);
        ImmutableArray<(string Path, byte[] Content)> files = [];
        List<string> details = [];
        foreach (YangKeyChain chain in chains.Chains)
        {
            if (_reading.Places.FirstOrDefault(place => string.Equals(place.Chain.Name, chain.Name, StringComparison.Ordinal)) is { } place)
            {
                if (place.Chain.AcceptTolerance != chain.AcceptTolerance)
                {
                    throw new KeyFileException(KeyFileFailure.Refused, $"chain {chain.Name} is there already, with another accept-tolerance: {place.Chain.AcceptTolerance.TotalSeconds} seconds instead of {chain.AcceptTolerance.TotalSeconds}");
                }

                List<KeyChainKey> keys = [.. place.Chain.Keys];
                foreach (YangKey key in chain.Keys)
                {
                    KeyChainKey composed = Take(chain, key, chains.AesKeyWrap, storage, out List<(string Key, FieldValue Value)> fields, ref files, out string where, isNew: keys.All(entry => entry.Id != key.KeyId));
                    if (keys.FirstOrDefault(entry => entry.Id == key.KeyId) is { } there)
                    {
                        if (!IsSame(there, composed))
                        {
                            throw new KeyFileException(KeyFileFailure.Refused, $"{there.Key.Name} is there already and differs from the one that comes; retire it first, or give one of them another id");
                        }

                        details.Add($"key {key.KeyId} of chain {chain.Name} is there already");
                        continue;
                    }

                    RefuseClash(place.Chain, composed.Id, composed.Key.SendId, composed.Key.RecvId);
                    edit.Append(place.Map.Find("keys")!, fields);
                    keys.Add(composed);
                    touched.Add(ConfigTree.PathOf(chain.Name, key.KeyId));
                    details.Add($"chain {chain.Name}: {Sentence(composed, where)}");
                }

                meant[chain.Name] = [.. keys];
            }
            else
            {
                meant[chain.Name] = AddChain(edit, chain, chains.AesKeyWrap, storage, ref files);
                touched.Add($"key-chains[{chain.Name}]");
                details.Add($"chain {chain.Name} comes, with {chain.Keys.Length} keys");
            }
        }

        return Change(Check(edit, meant, touched, files), files, null, details, []);
    }

    private ImmutableArray<KeyChainKey> AddChain(YamlEdit edit, YangKeyChain chain, bool isWrapped, SecretStorage storage, ref ImmutableArray<(string Path, byte[] Content)> files)
    {
        List<KeyChainKey> keys = [];
        List<FieldValue> items = [];
        foreach (YangKey key in chain.Keys)
        {
            keys.Add(Take(chain, key, isWrapped, storage, out List<(string Key, FieldValue Value)> keyFields, ref files, out _, isNew: true));
            items.Add(FieldValue.Map(keyFields));
        }

        List<(string Key, FieldValue Value)> fields = [("name", FieldValue.Text(chain.Name))];
        if (chain.Description is { } description)
        {
            fields.Add(("description", FieldValue.Text(description)));
        }

        if (chain.AcceptTolerance != TimeSpan.Zero)
        {
            fields.Add(("accept-tolerance", FieldValue.Text($"{(long)chain.AcceptTolerance.TotalSeconds}s")));
        }

        fields.Add(("keys", FieldValue.List(items)));
        ConfigNode list = _reading.Root.Entries.First(entry => entry.Key.Text is "key-chains").Value;
        edit.Append(list, fields);
        return [.. keys];
    }

    private KeyChainKey Take(
        YangKeyChain chain,
        YangKey key,
        bool isWrapped,
        SecretStorage storage,
        out List<(string Key, FieldValue Value)> fields,
        ref ImmutableArray<(string Path, byte[] Content)> files,
        out string where,
        bool isNew)
    {
        string name = $"{chain.Name}/{key.KeyId}";
        if (key.KeyString is not { } bytes)
        {
            throw new KeyFileException(KeyFileFailure.Refused, $"{name} has no key-string; export it with --wrapped or --with-secrets");
        }

        Secret? secret = isWrapped ? Kek(_reading.Kek).Unwrap(bytes) : bytes.Length <= Secret.MaxLength ? Secret.FromBytes(bytes) : null;
        if (secret is null)
        {
            throw new KeyFileException(KeyFileFailure.Refused, isWrapped ? $"the key-string of {name} does not unwrap: it was wrapped under another key-encryption key, or changed since" : $"the key-string of {name} is longer than {Secret.MaxLength} bytes");
        }

        (KeyChainKey made, fields, ImmutableArray<(string Path, byte[] Content)> added, where) = Compose(chain.Name, chain.AcceptTolerance, new NewKey
        {
            Id = key.KeyId,
            SendId = key.SendId,
            RecvId = key.RecvId,
            Algorithm = key.Algorithm,
            MacLength = key.Algorithm.DefaultMacLength,
            IncludeTcpOptions = key.IncludeTcpOptions,
            Secret = secret,

            // what is there already needs no place
            Storage = !isNew ? SecretStorage.Inline : storage != SecretStorage.AsBefore ? storage : isWrapped ? SecretStorage.Wrapped : SecretStorage.Inline,
            Send = key.Send,
            Accept = key.Accept,
        });
        files = files.AddRange(added);
        return made;
    }
}
