namespace TcpAo.Hosting.Emulation;

/// <summary>Whose programs a running <c>tcpao run</c> serves beside root's and its own user's.</summary>
/// <param name="Everybody">Those of every user.</param>
/// <param name="Group">Those of a group's members; null for none.</param>
internal sealed record ProgramAccess(bool Everybody, uint? Group)
{
    /// <summary>Nobody else's.</summary>
    public static ProgramAccess Nobody { get; } = new(false, null);

    /// <summary>Whether a process in these groups may.</summary>
    public bool Admits(IReadOnlyList<uint> groups) => Everybody || (Group is { } group && groups.Contains(group));
}
