using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>A peer or key chain that a reload changes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Change"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
/// <param name="Details">What changes, one sentence each; empty unless changed.</param>
public sealed record ReloadChange(string Name, string Change, ImmutableArray<string> Details);
