using System.Diagnostics.CodeAnalysis;

namespace TcpAo.Keys;

/// <summary>What became of an attempt to add a master key tuple (RFC 5925 section 3.1, R-018).</summary>
/// <param name="Other">
/// The tuple in the table that overlaps in connections and shares a SendID or a RecvID: EEXIST on Linux; null when added.
/// </param>
public readonly record struct MktAddResult(MasterKeyTuple? Other)
{
    /// <summary>Added, or which way not.</summary>
    public MktAddStatus Status => Other is null ? MktAddStatus.Added : MktAddStatus.IdOverlap;

    /// <summary>Whether the tuple is now in the table.</summary>
    [MemberNotNullWhen(false, nameof(Other))]
    public bool IsAdded => Other is null;
}
