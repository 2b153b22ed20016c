namespace TcpAo.Linux.Netfilter;

/// <summary>Our table as the kernel has it.</summary>
public sealed record NftTableState
{
    /// <summary>NFT_TABLE_F_ flags: 2 owner, 4 persist, 1 dormant.</summary>
    public uint Flags { get; init; }

    /// <summary>Netlink port of the owner; 0 without a living one.</summary>
    public uint OwnerPortId { get; init; }

    /// <summary>The table's number: another one after somebody deleted and made it again.</summary>
    public ulong Handle { get; init; }

    /// <summary>Generation of the namespace's whole rule set: rises with every change, also of others' tables.</summary>
    public uint Generation { get; init; }

    /// <summary>Names of the chains without a hook.</summary>
    public required IReadOnlyList<string> Chains { get; init; }

    /// <summary>Names of the chains at a hook.</summary>
    public required IReadOnlyList<string> BaseChains { get; init; }

    /// <summary>Names of the sets and maps.</summary>
    public required IReadOnlyList<string> Sets { get; init; }

    /// <summary>How many rules there are.</summary>
    public int RuleCount { get; init; }

    /// <summary>Whether both base chains are at their hooks, with rules, and the table is not dormant: packets meet them.</summary>
    public bool IsActive => (Flags & 1) == 0 && RuleCount > 0
        && BaseChains.Contains(NftTableWriter.InChain, StringComparer.Ordinal) && BaseChains.Contains(NftTableWriter.OutChain, StringComparer.Ordinal);
}
