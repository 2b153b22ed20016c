using TcpAo.KeyChains;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>A finding and where it stands in the file.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">Line from 1; 0 when the file as a whole is meant.</param>
/// <param name="Column">Column from 1; 0 when the file as a whole is meant.</param>
/// <param name="Path">Where in the tree, such as <c>key-chains[core].keys[1].send-id</c>.</param>
/// <param name="Finding">What was found.</param>
public sealed record KeyFileFinding(string File, int Line, int Column, string Path, KeyFinding Finding);
