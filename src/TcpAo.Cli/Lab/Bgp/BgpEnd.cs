namespace TcpAo.Cli.Lab.Bgp;

/// <summary>One end of a BGP session.</summary>
/// <param name="Host">Where it runs.</param>
/// <param name="Peer">The other host.</param>
/// <param name="As">Its autonomous system.</param>
/// <param name="PeerAs">That of the other.</param>
/// <param name="Route">The prefix that it announces.</param>
/// <param name="Folder">A folder of its own.</param>
internal sealed record BgpEnd(LabHost Host, LabHost Peer, int As, int PeerAs, string Route, string Folder);
