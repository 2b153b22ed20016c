namespace TcpAo.Keys;

/// <summary>
/// A part of a <see cref="ConnectionMatch"/> that one value under one mask describes. A match is the disjoint union of its
/// blocks: one, unless a port is a range.
/// </summary>
/// <param name="Value">What a masked tuple must equal; its id is 0.</param>
/// <param name="Mask">Which bits count, all of the id's among them: the block's shape.</param>
/// <param name="Family">The family of the pairs that it matches.</param>
internal readonly record struct MatchBlock(MatchTuple Value, MatchTuple Mask, IpFamily Family)
{
    /// <summary>Replaces what is in <paramref name="blocks"/> by the blocks of <paramref name="match"/>.</summary>
    public static void Decompose(ConnectionMatch match, List<MatchBlock> blocks)
    {
        blocks.Clear();
        Span<PortBlock> remotePorts = stackalloc PortBlock[PortMatch.MaxBlocks];
        Span<PortBlock> localPorts = stackalloc PortBlock[PortMatch.MaxBlocks];
        remotePorts = remotePorts[..match.RemotePort.GetBlocks(remotePorts)];
        localPorts = localPorts[..match.LocalPort.GetBlocks(localPorts)];
        uint vrfMask = match.Vrf is null ? 0 : uint.MaxValue;
        uint vrf = (uint)(match.Vrf ?? 0);
        foreach (PortBlock remote in remotePorts)
        {
            foreach (PortBlock local in localPorts)
            {
                blocks.Add(new MatchBlock(
                    MatchTuple.Create(match.Remote.Address, match.Local.Address, remote.Value, local.Value, vrf, 0),
                    MatchTuple.Create(match.Remote.Mask, match.Local.Mask, remote.Mask, local.Mask, vrfMask, -1),
                    match.Family));
            }
        }
    }
}
