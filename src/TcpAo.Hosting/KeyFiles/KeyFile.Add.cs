using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.KeyFiles;

public sealed partial class KeyFile
{
    /// <summary>Adds a key to a chain.</summary>
    /// <param name="chain">Name of the chain.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyFileException">It cannot be added.</exception>
    public KeyFileChange Add(string chain, NewKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyChainPlace place = Place(chain);
        var edit = new YamlEdit(_text);
        (KeyChainKey added, ImmutableArray<(string Path, byte[] Content)> files, string where) = Append(edit, place, key);
        var meant = new Dictionary<string, ImmutableArray<KeyChainKey>>(StringComparer.Ordinal) { [chain] = [.. place.Chain.Keys, added] };
        (byte[] Before, byte[] After) content = Check(edit, meant, new HashSet<string>(StringComparer.Ordinal) { ConfigTree.PathOf(chain, added.Id) }, files);
        return Change(content, files, added.Id, [Sentence(added, where)], []);
    }

    /// <summary>Changes a chain to a new key: accepted first, then signing; the old keys get an end.</summary>
    /// <param name="chain">Name of the chain.</param>
    /// <param name="key">What the new key is to be; its ids and lifetimes are the plan's.</param>
    /// <param name="times">The pace.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="KeyFileException">It cannot be done.</exception>
    public KeyFileChange Rollover(string chain, NewKey key, RolloverTimes times, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyChainPlace place = Place(chain);
        ImmutableArray<KeyLifetime> accepts = AcceptsOf(place);
        if (!RolloverPlanner.TryPlan(place.Chain, accepts, times, now, out RolloverPlan? plan, out string? reason))
        {
            throw new KeyFileException(KeyFileFailure.Refused, reason);
        }

        // as the key that signs now is, unless told otherwise
        AoKey model = KeyChainSelector.SendKey(place.Chain, now) ?? place.Chain.Keys[^1].Key;
        NewKey planned = key with
        {
            Id = key.Id ?? plan.Id,
            SendId = key.SendId ?? plan.SendId,
            RecvId = key.RecvId ?? plan.RecvId,
            Algorithm = key.Algorithm ?? model.Algorithm,
            MacLength = key.MacLength ?? (key.Algorithm is null || key.Algorithm == model.Algorithm ? model.MacLength : null),
            IncludeTcpOptions = key.IncludeTcpOptions ?? model.IncludeTcpOptions,
            AsText = key.AsText ?? SecretText.IsText(model.MasterKey),
            Send = plan.Send,
            Accept = plan.Accept,
        };
        var edit = new YamlEdit(_text);
        KeyChainKey[] keys = [.. place.Chain.Keys];
        HashSet<string> touched = new(StringComparer.Ordinal);
        List<string> details = [];
        foreach (RolloverCut cut in plan.Cuts)
        {
            KeyChainKey old = keys[cut.KeyIndex];
            SetLifetimes(edit, place.Keys[cut.KeyIndex], (old.Key.SendLifetime, cut.Send), (accepts[cut.KeyIndex], cut.Accept));
            keys[cut.KeyIndex] = WithLifetimes(place.Chain, old, cut.Send, cut.Accept);
            TouchLifetimes(touched, chain, old.Id);
            details.Add($"key {old.Id} signs until {End(cut.Send)} and is accepted until {End(cut.Accept)}");
        }

        (KeyChainKey added, ImmutableArray<(string Path, byte[] Content)> files, string where) = Append(edit, place, planned);
        touched.Add(ConfigTree.PathOf(chain, added.Id));
        var meant = new Dictionary<string, ImmutableArray<KeyChainKey>>(StringComparer.Ordinal) { [chain] = [.. keys, added] };
        (byte[] Before, byte[] After) content = Check(edit, meant, touched, files);
        details.Insert(0, Sentence(added, where));
        details.Insert(1, $"key {added.Id} is accepted and asked for from {FieldValue.InstantText(planned.Accept.Start)}, and signs from {FieldValue.InstantText(planned.Send.Start)}{(planned.Send.End == DateTimeOffset.MaxValue ? "" : $" until {End(planned.Send)}")}");
        return Change(content, files, added.Id, details, plan.Warnings);
    }

    private (KeyChainKey Key, ImmutableArray<(string Path, byte[] Content)> Files, string Where) Append(YamlEdit edit, KeyChainPlace place, NewKey key)
    {
        KeyChain chain = place.Chain;
        AoKey last = chain.Keys[^1].Key;
        bool hasIds = RolloverPlanner.TryChooseIds(chain, out ulong id, out byte wireId);
        id = key.Id ?? id;
        if (!hasIds && (key.SendId is null || key.RecvId is null))
        {
            throw new KeyFileException(KeyFileFailure.Refused, $"chain {chain.Name} has no id left that is free in both directions; name --send-id and --recv-id, or retire keys that are over");
        }

        byte sendId = key.SendId ?? key.RecvId ?? wireId;
        byte recvId = key.RecvId ?? key.SendId ?? wireId;
        RefuseClash(chain, id, sendId, recvId);
        MacAlgorithm algorithm = key.Algorithm ?? last.Algorithm;
        int macLength = key.MacLength ?? (algorithm == last.Algorithm ? last.MacLength : algorithm.DefaultMacLength);
        if (macLength < algorithm.MinMacLength || macLength > algorithm.MaxMacLength)
        {
            throw new KeyFileException(KeyFileFailure.Refused, $"the MAC of {algorithm.Name} has {algorithm.MinMacLength} to {algorithm.MaxMacLength} bytes, not {macLength}");
        }

        string lastForm = SecretReader.Forms.First(place.Keys[^1].Has);
        (KeyChainKey added, List<(string Key, FieldValue Value)> fields, ImmutableArray<(string Path, byte[] Content)> files, string where) = Compose(
            chain.Name,
            chain.AcceptTolerance,
            key with
            {
                Id = id,
                SendId = sendId,
                RecvId = recvId,
                Algorithm = algorithm,
                MacLength = macLength,
                IncludeTcpOptions = key.IncludeTcpOptions ?? last.IncludeTcpOptions,
                Secret = key.Secret ?? KeyGenerator.Generate(algorithm, key.AsText ?? SecretText.IsText(last.MasterKey)),
                Storage = key.Storage != SecretStorage.AsBefore ? key.Storage : lastForm switch
                {
                    "secret" or "secret-hex" => SecretStorage.Inline,
                    "secret-wrapped" => SecretStorage.Wrapped,
                    _ => SecretStorage.File,
                },
            });
        edit.Append(place.Map.Find("keys")!, fields);
        return (added, files, where);
    }

    /// <summary>A key of which everything is known, as fields of the file.</summary>
    private (KeyChainKey Key, List<(string Key, FieldValue Value)> Fields, ImmutableArray<(string Path, byte[] Content)> Files, string Where) Compose(string chain, TimeSpan tolerance, NewKey key)
    {
        MacAlgorithm algorithm = key.Algorithm!;
        Secret secret = key.Secret!;
        ulong id = key.Id!.Value;
        bool isMd5 = algorithm.IsTcpMd5;
        List<(string Key, FieldValue Value)> fields = [("id", FieldValue.Plain($"{id}"))];
        if (!isMd5)
        {
            fields.Add(("send-id", FieldValue.Plain($"{key.SendId}")));
            fields.Add(("recv-id", FieldValue.Plain($"{key.RecvId}")));
        }

        fields.Add(("algorithm", FieldValue.Text(algorithm.Name)));
        if (key.MacLength is { } macLength && macLength != algorithm.DefaultMacLength)
        {
            fields.Add(("mac-length", FieldValue.Plain($"{macLength}")));
        }

        if (key.IncludeTcpOptions == false && !isMd5)
        {
            fields.Add(("include-tcp-options", FieldValue.Plain("false")));
        }

        (string form, string value, ImmutableArray<(string Path, byte[] Content)> files) = Store(chain, id, secret, key.Storage);
        fields.Add((form, FieldValue.Text(value)));
        AddLifetime(fields, "send-lifetime", "no-send", key.Send);
        AddLifetime(fields, "accept-lifetime", "no-recv", key.Accept);
        AoKey made = new(
            $"{chain}/{id}",
            isMd5 ? (byte)0 : key.SendId!.Value,
            isMd5 ? (byte)0 : key.RecvId!.Value,
            algorithm,
            secret,
            key.MacLength,
            !isMd5 && (key.IncludeTcpOptions ?? true),
            key.Send,
            key.Accept.Widen(tolerance));
        string where = files.IsEmpty ? $"its secret stands in {Path} as {form}" : $"its secret is in {files[0].Path}";
        return (new KeyChainKey(id, made), fields, files, where);
    }

    private static void RefuseClash(KeyChain chain, ulong id, byte sendId, byte recvId)
    {
        foreach (KeyChainKey other in chain.Keys)
        {
            string? what = other.Id == id ? $"id {id}" : other.Key.Algorithm.IsTcpMd5 ? null : other.Key.SendId == sendId ? $"send-id {sendId}" : other.Key.RecvId == recvId ? $"recv-id {recvId}" : null;
            if (what is not null)
            {
                throw new KeyFileException(KeyFileFailure.Refused, $"{what} belongs to key {other.Id} of chain {chain.Name} already");
            }
        }
    }

    private (string Form, string Value, ImmutableArray<(string Path, byte[] Content)> Files) Store(string chain, ulong id, Secret secret, SecretStorage storage)
    {
        bool isText = SecretText.IsText(secret);
        switch (storage)
        {
            case SecretStorage.Inline or SecretStorage.AsBefore:
                return isText ? ("secret", SecretText.Text(secret), []) : ("secret-hex", SecretText.Hex(secret), []);
            case SecretStorage.Wrapped:
                return ("secret-wrapped", Convert.ToHexStringLower(Kek(_reading.Kek).Wrap(secret)), []);
            default:
                string safe = new([.. chain.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')]);
                string name = $"{safe.TrimStart('.')}-{id}.{(isText ? "key" : "hex")}";
                string full = System.IO.Path.Combine(ConfigurationFile.DirectoryOf(Path), name);
                byte[] content = isText ? SecretText.Use(secret, static bytes => bytes.ToArray()) : System.Text.Encoding.ASCII.GetBytes(SecretText.Hex(secret) + "\n");
                if (File.Exists(full))
                {
                    throw new KeyFileException(KeyFileFailure.CannotWrite, $"{full} is there already, left by an earlier key {id}; remove it, or choose another --id");
                }

                return (isText ? "secret-file" : "secret-hex-file", name, [(full, content)]);
        }
    }

    private static void AddLifetime(List<(string Key, FieldValue Value)> fields, string leaf, string closed, KeyLifetime lifetime)
    {
        if (lifetime.IsEmpty)
        {
            fields.Add((closed, FieldValue.Plain("true")));
        }
        else if (lifetime != KeyLifetime.Always)
        {
            fields.Add((leaf, LifetimeValue(lifetime)));
        }
    }

    private static KeyEncryptionKey Kek(KeyEncryptionKeySource source) => source.TryGet(out KeyEncryptionKey? key, out string? reason) ? key : throw new KeyFileException(KeyFileFailure.NotFound, reason);

    private static string Sentence(KeyChainKey key, string where) => $"key {key.Id} comes: {(key.Key.Algorithm.IsTcpMd5 ? "" : $"send-id {key.Key.SendId}, recv-id {key.Key.RecvId}, ")}{key.Key.Algorithm.Name}; {where}";

    private static string End(KeyLifetime lifetime) => lifetime.IsEmpty ? "never" : lifetime.End == DateTimeOffset.MaxValue ? "for ever" : FieldValue.InstantText(lifetime.End);
}
