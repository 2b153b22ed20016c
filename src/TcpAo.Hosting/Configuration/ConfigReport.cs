using System.Collections.Immutable;

namespace TcpAo.Hosting.Configuration;

/// <summary>Collects what is wrong with one file, so that all of it is told at once.</summary>
internal sealed class ConfigReport(string file)
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationError> _warnings = [];

    internal string File => file;

    internal bool HasErrors => _errors.Count > 0;

    internal void Error(ConfigNode node, string path, string message, string? hint = null, string code = "") =>
        _errors.Add(new ConfigurationError(file, node.Line, node.Column, path, message, hint) { Code = code });

    internal void Error(PeerConfiguration peer, string message, string? hint = null) =>
        _errors.Add(new ConfigurationError(file, peer.Line, peer.Column, $"peers[{peer.Name}]", message, hint));

    internal void Warn(ConfigNode node, string path, string message, string? hint = null, string code = "") =>
        _warnings.Add(new ConfigurationError(file, node.Line, node.Column, path, message, hint) { Code = code });

    internal ImmutableArray<ConfigurationError> Errors() => Sorted(_errors);

    internal ImmutableArray<ConfigurationError> Warnings() => Sorted(_warnings);

    private static ImmutableArray<ConfigurationError> Sorted(List<ConfigurationError> found) =>
        [.. found.OrderBy(error => error.Line).ThenBy(error => error.Column)];
}
