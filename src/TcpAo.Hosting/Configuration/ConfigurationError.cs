namespace TcpAo.Hosting.Configuration;

/// <summary>One thing wrong with a configuration, and where it stands. It never holds a secret.</summary>
/// <param name="File">The file, as it was named to <see cref="ConfigurationFile.Load"/>.</param>
/// <param name="Line">Line from 1; 0 when the file as a whole is meant.</param>
/// <param name="Column">Column from 1; 0 when the file as a whole is meant.</param>
/// <param name="Path">Where in the tree, such as <c>key-chains[core].keys[1].secret-file</c>; chains and peers by name, keys by id, and <c>#2</c> for the second of a list that has none. Empty for the file as a whole.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What would mend it, when that is known.</param>
public sealed record ConfigurationError(string File, int Line, int Column, string Path, string Message, string? Hint = null)
{
    /// <summary>What kind of thing is wrong, in one or two words that do not change; empty where it has no name.</summary>
    public string Code { get; init; } = "";

    /// <summary>One sentence: <c>tcpao.yaml:12:9: key-chains[core].keys[1]: unknown key 'sendid'; did you mean 'send-id'?</c></summary>
    public override string ToString()
    {
        string place = Line == 0 ? File : $"{File}:{Line}:{Column}";
        string path = Path.Length == 0 ? "" : $"{Path}: ";
        string hint = Hint is null ? "" : $"; {Hint}";
        return $"{place}: {path}{Message}{hint}";
    }
}
