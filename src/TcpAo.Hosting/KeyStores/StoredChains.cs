using System.Collections.Immutable;

using System.Text.Json;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.KeyStores;

/// <summary>
/// The documents of the store that this host uses, and their last good copy on disk. A document is taken only if it is whole, sealed with the chain's key-encryption
/// key, no older than the one in use and right by the rules of the configuration. Not thread-safe.
/// </summary>
internal sealed class StoredChains : IDisposable
{
    private const int LongestCache = 16 * 1024 * 1024;

    private readonly KeyStoreConfiguration _configuration;
    private readonly Dictionary<string, ImmutableArray<ChainKek>> _keks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredDocument> _documents = new(StringComparer.Ordinal);

    private StoredChains(KeyStoreConfiguration configuration) => _configuration = configuration;

    /// <summary>What was wrong with the copy on disk; null for nothing.</summary>
    public string? CacheProblem { get; private set; }

    /// <summary>The chains that there are keys of.</summary>
    public IEnumerable<KeyChain> Chains => _documents.Values.Select(document => document.Chain);

    /// <summary>Reads the key-encryption keys, and takes what there is on disk.</summary>
    /// <exception cref="ConfigurationException">A key-encryption key cannot be used.</exception>
    public static StoredChains Open(KeyStoreConfiguration configuration)
    {
        var chains = new StoredChains(configuration);
        try
        {
            foreach (StoredChainConfiguration chain in configuration.Chains)
            {
                string?[] files = [chain.KekFile, chain.OldKekFile];
                chains._keks[chain.Name] = [.. files.OfType<string>().Select(ChainKek.Read)];
            }

            chains.CacheProblem = chains.LoadCache();
            return chains;
        }
        catch
        {
            chains.Dispose();
            throw;
        }
    }

    /// <summary>The document of a chain; null for none.</summary>
    public StoredDocument? Find(string chain) => _documents.GetValueOrDefault(chain);

    /// <summary>Reads a document of the store; nothing changes.</summary>
    /// <param name="name">Name of the chain.</param>
    /// <param name="content">The document.</param>
    /// <param name="document">The document, where it can be used.</param>
    /// <returns>Why it cannot; null where it can.</returns>
    public string? TryRead(string name, byte[] content, out StoredDocument? document)
    {
        document = null;
        ChainDocument? read;
        try
        {
            read = JsonSerializer.Deserialize(content, KeyStoreJson.Default.ChainDocument);
        }
        catch (JsonException error)
        {
            // the message has a path and no value
            return $"the document is not {ChainDocument.SchemaName}: {error.Path ?? "no JSON"}";
        }

        if (read is null || !string.Equals(read.Schema, ChainDocument.SchemaName, StringComparison.Ordinal))
        {
            return $"the document is not {ChainDocument.SchemaName}";
        }

        if (_keks[name].FirstOrDefault(kek => kek.IsSealed(read)) is not { } used)
        {
            return "the document is not sealed with this chain's key-encryption key, or was changed since";
        }

        if (Find(name) is { } before && before.Document.Version > read.Version)
        {
            return $"the document is version {read.Version}, and version {before.Document.Version} was there already: somebody brings an old one again";
        }

        try
        {
            string text = JsonSerializer.Serialize(read.KeyChain, KeyStoreJson.Default.StoredChain);
            KeyChain chain = KeyChainText.Read(text, $"key store, {name}", name, "/", used.AsSource());
            document = new StoredDocument(read, content, chain);
            return null;
        }
        catch (ConfigurationException error)
        {
            return string.Join("; ", error.Errors.Select(each => each.ToString()));
        }
    }

    /// <summary>Takes over the documents of before that are newer than those on disk and can be read with the keys of now.</summary>
    public void Adopt(StoredChains? before)
    {
        if (before is null)
        {
            return;
        }

        foreach ((string name, StoredDocument known) in before._documents)
        {
            if (_keks.ContainsKey(name) && TryRead(name, known.Content, out StoredDocument? document) is null)
            {
                _documents[name] = document!;
            }
        }
    }

    /// <summary>Takes a document as the one in use.</summary>
    /// <returns>Why its copy could not be written; null where it was.</returns>
    public string? Use(StoredDocument document)
    {
        _documents[document.Document.KeyChain.Name] = document;
        try
        {
            SaveCache();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KeyFileException)
        {
            return $"the copy {_configuration.CacheFile} cannot be written: {error.Message}";
        }
    }

    /// <summary>Erases the key-encryption keys.</summary>
    public void Dispose()
    {
        foreach (ChainKek kek in _keks.Values.SelectMany(static keks => keks))
        {
            kek.Dispose();
        }
    }

    private string? LoadCache()
    {
        string path = _configuration.CacheFile;
        if (!File.Exists(path))
        {
            return null;
        }

        if (!BoundedFile.TryRead(path, LongestCache, out byte[]? bytes, out _, out string? reason))
        {
            return $"the copy of the key store {path} cannot be read: {reason}";
        }

        try
        {
            CacheDocument cache = JsonSerializer.Deserialize(bytes, KeyStoreJson.Default.CacheDocument)!;
            string[] problems = [.. cache.Chains.Where(cached => _keks.ContainsKey(cached.Name)).Select(Load).OfType<string>()];
            return problems.Length == 0 ? null : $"the copy of the key store {path} cannot be used: {string.Join("; ", problems)}";
        }
        catch (JsonException)
        {
            return $"the copy of the key store {path} is not {CacheDocument.SchemaName}";
        }
    }

    private string? Load(CachedChain cached)
    {
        if (_keks[cached.Name].Select(kek => kek.Decrypt(cached.Sealed, cached.Name)).OfType<byte[]>().FirstOrDefault() is not { } content)
        {
            return $"{cached.Name} was sealed with another key-encryption key, or changed since";
        }

        if (TryRead(cached.Name, content, out StoredDocument? document) is { } problem)
        {
            return $"{cached.Name}: {problem}";
        }

        _documents[cached.Name] = document!;
        return null;
    }

    private void SaveCache()
    {
        CachedChain[] cached = [.. _documents.Select(entry => new CachedChain(entry.Key, _keks[entry.Key][0].Encrypt(entry.Value.Content, entry.Key)))];
        string path = _configuration.CacheFile;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.Delete(temporary);
        AtomicFile.Create(temporary, JsonSerializer.SerializeToUtf8Bytes(new CacheDocument([.. cached]), KeyStoreJson.Default.CacheDocument));
        File.Move(temporary, path, overwrite: true);
    }
}
