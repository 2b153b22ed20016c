using System.Collections.Immutable;
using System.Security.Cryptography;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>A change of a key file that was read back and found right, and is not written yet.</summary>
public sealed class KeyFileChange
{
    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly ImmutableArray<(string Path, byte[] Content)> _newFiles;

    internal KeyFileChange(string path, byte[] before, byte[] after, ImmutableArray<(string Path, byte[] Content)> newFiles)
    {
        Path = path;
        _before = before;
        _after = after;
        _newFiles = newFiles;
    }

    /// <summary>The configuration that changes.</summary>
    public string Path { get; }

    /// <summary>What changes, one sentence each; never a secret.</summary>
    public required ImmutableArray<string> Details { get; init; }

    /// <summary>What the operator has to know, one sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The key that comes, goes or is changed, where it is one.</summary>
    public ulong? Key { get; init; }

    /// <summary>Files that are made, each for a secret.</summary>
    public IEnumerable<string> NewFiles => _newFiles.Select(file => file.Path);

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => _newFiles.IsEmpty && _before.AsSpan().SequenceEqual(_after);

    /// <summary>Writes it: secrets first, then the configuration in one step.</summary>
    /// <exception cref="KeyFileException">It cannot be written, or the file was changed meanwhile. Nothing has changed then.</exception>
    public void Commit()
    {
        List<string> made = [];
        try
        {
            foreach ((string path, byte[] content) in _newFiles)
            {
                AtomicFile.Create(path, content);
                made.Add(path);
            }

            AtomicFile.Replace(Path, _before, _after);
        }
        catch
        {
            made.ForEach(File.Delete);
            throw;
        }
        finally
        {
            Erase();
        }
    }

    /// <summary>Erases what may hold secrets; the change cannot be written afterwards.</summary>
    public void Erase()
    {
        CryptographicOperations.ZeroMemory(_before);
        CryptographicOperations.ZeroMemory(_after);
        foreach ((_, byte[] content) in _newFiles)
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
