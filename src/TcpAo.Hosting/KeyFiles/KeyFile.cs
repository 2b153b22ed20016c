using System.Collections.Immutable;
using System.Text;
using TcpAo.Hosting.Configuration;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>
/// A configuration whose keys are to be changed. Comments, order and everything else in the file stay byte for byte: only pieces that the parser located are
/// replaced, and the result is read strictly and compared with what was meant before it may replace the file.
/// </summary>
public sealed partial class KeyFile
{
    private readonly string? _kekFile;
    private readonly byte[] _bytes;
    private readonly string _text;
    private readonly bool _hasMark;
    private readonly ConfigurationReading _reading;
    private readonly string[] _stored;

    private KeyFile(string path, string? kekFile, byte[] bytes, string text, bool hasMark)
    {
        Path = path;
        _kekFile = kekFile;
        _bytes = bytes;
        _text = text;
        _hasMark = hasMark;
        _reading = ConfigurationFile.Read(text, path, ConfigurationFile.DirectoryOf(path), openToOthers: false, kekFile);
        TcpAoConfiguration read = _reading.Finish();
        _stored = read.KeyStore?.Chains.Select(chain => chain.Name).ToArray() ?? [];

        // a chain of the key store is not in the file
        Configuration = read with { KeyChains = [.. read.KeyChains.Where(chain => !_stored.Contains(chain.Name, StringComparer.Ordinal))] };
    }

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>What it says now.</summary>
    public TcpAoConfiguration Configuration { get; }

    /// <summary>Opens a configuration that is right.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kekFile">File of the key-encryption key; null for where the configuration or the environment says.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or something in it is wrong.</exception>
    public static KeyFile Open(string path, string? kekFile = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ConfigurationFile.ReadText(path, (text, _, hasMark) =>
        {
            // what was read is what has to be there when the file is replaced
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            return new KeyFile(path, kekFile, hasMark ? [.. Encoding.UTF8.Preamble, .. bytes] : bytes, text, hasMark);
        });
    }

    /// <summary>The chain of a name.</summary>
    /// <exception cref="KeyFileException">There is none.</exception>
    public KeyChain Chain(string name) => Place(name).Chain;

    /// <summary>The key-encryption key of the configuration.</summary>
    /// <exception cref="KeyFileException">There is none.</exception>
    public KeyEncryptionKey KeyEncryptionKey() => Kek(_reading.Kek);

    /// <summary>The accept lifetimes of a chain as they are written, without tolerance, in the order of its keys.</summary>
    internal ImmutableArray<KeyLifetime> AcceptsOf(string chain) => AcceptsOf(Place(chain));

    private KeyChainPlace Place(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _reading.Places.FirstOrDefault(place => string.Equals(place.Chain.Name, name, StringComparison.Ordinal))
            ?? throw new KeyFileException(
                KeyFileFailure.NotFound,
                _stored.Contains(name, StringComparer.Ordinal) ? $"{Path}: the key chain {Shown.Quoted(name)} comes from the key store; 'tcpao fleet' changes it"
                : $"{Path}: there is no key chain {Shown.Quoted(name)}; {Spelling.Suggest(name, Configuration.KeyChains.Select(chain => chain.Name)) ?? $"there are {string.Join(", ", Configuration.KeyChains.Select(chain => Shown.Bare(chain.Name)))}"}");
    }

    private static int IndexOf(KeyChain chain, ulong id)
    {
        for (int index = 0; index < chain.Keys.Length; index++)
        {
            if (chain.Keys[index].Id == id)
            {
                return index;
            }
        }

        throw new KeyFileException(KeyFileFailure.NotFound, $"chain {chain.Name} has no key {id}; it has {string.Join(", ", chain.Keys.Select(entry => entry.Id))}");
    }

    /// <summary>The accept lifetimes of a chain as they are written.</summary>
    private ImmutableArray<KeyLifetime> AcceptsOf(KeyChainPlace place)
    {
        var reader = new KeyReader(new ConfigReport(Path), _reading.Secrets);
        return [.. place.Keys.Select(map => reader.Lifetimes(map).Accept)];
    }

    /// <summary>Reads the changed text back and compares it with what was meant.</summary>
    /// <param name="edit">The edits.</param>
    /// <param name="meant">The keys of each chain as they are to be.</param>
    /// <param name="touched">Paths of what changes; all else must be what it was.</param>
    /// <param name="newFiles">Files that are made.</param>
    /// <param name="newKekFile">The key-encryption key from then on, where that changes.</param>
    private (byte[] Before, byte[] After) Check(
        YamlEdit edit,
        IReadOnlyDictionary<string, ImmutableArray<KeyChainKey>> meant,
        IReadOnlySet<string> touched,
        ImmutableArray<(string Path, byte[] Content)> newFiles,
        string? newKekFile = null)
    {
        string changed = edit.Apply();
        ConfigurationReading reading;
        TcpAoConfiguration configuration;
        try
        {
            var pending = newFiles.ToDictionary(file => file.Path, file => file.Content, StringComparer.Ordinal);
            reading = ConfigurationFile.Read(changed, Path, ConfigurationFile.DirectoryOf(Path), openToOthers: false, newKekFile ?? _kekFile, pending);
            configuration = reading.Finish();
        }
        catch (ConfigurationException error)
        {
            throw new KeyFileException(KeyFileFailure.CannotEdit, $"the changed file would not be right, so nothing was changed: {error.Errors[0]}", error);
        }

        if (!ConfigTree.AreEqual(_reading.Root, reading.Root, touched) || !HasKeys(configuration, meant))
        {
            throw new KeyFileException(KeyFileFailure.CannotEdit, $"{Path}: the change could not be made without touching something else, so nothing was changed; make it by hand");
        }

        byte[] content = Encoding.UTF8.GetBytes(changed);
        return ([.. _bytes], _hasMark ? [.. Encoding.UTF8.Preamble, .. content] : content);
    }

    private bool HasKeys(TcpAoConfiguration configuration, IReadOnlyDictionary<string, ImmutableArray<KeyChainKey>> meant) =>
        configuration.KeyChains.Select(chain => chain.Name).Order(StringComparer.Ordinal).SequenceEqual(Configuration.KeyChains.Select(chain => chain.Name).Union(meant.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        && configuration.KeyChains.All(chain =>
        {
            ImmutableArray<KeyChainKey> keys = meant.GetValueOrDefault(chain.Name) is { IsDefault: false } changed ? changed : Chain(chain.Name).Keys;
            return keys.Length == chain.Keys.Length && keys.Zip(chain.Keys).All(pair => IsSame(pair.First, pair.Second));
        });

    private static bool IsSame(KeyChainKey left, KeyChainKey right) =>
        left.Id == right.Id
        && left.Key.HasSameMaterial(right.Key)
        && left.Key.SendLifetime == right.Key.SendLifetime
        && left.Key.AcceptLifetime == right.Key.AcceptLifetime;

    /// <summary>The key with other lifetimes; the accept lifetime is the written one.</summary>
    private static KeyChainKey WithLifetimes(KeyChain chain, KeyChainKey entry, KeyLifetime send, KeyLifetime accept)
    {
        AoKey key = entry.Key;
        return new KeyChainKey(entry.Id, new AoKey(key.Name, key.SendId, key.RecvId, key.Algorithm, key.MasterKey, key.MacLength, key.IncludeTcpOptions, send, accept.Widen(chain.AcceptTolerance)));
    }

    private KeyFileChange Change(
        (byte[] Before, byte[] After) content,
        ImmutableArray<(string Path, byte[] Content)> newFiles,
        ulong? key,
        IEnumerable<string> details,
        IEnumerable<string> warnings) =>
        new(Path, content.Before, content.After, newFiles) { Key = key, Details = [.. details], Warnings = [.. warnings] };
}
