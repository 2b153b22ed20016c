namespace TcpAo.Linux.Users;

/// <summary>Whom a file belongs to.</summary>
/// <param name="User">Number of the user.</param>
/// <param name="Group">Number of the group.</param>
/// <param name="Names">How many names the file has: more than one where there are hard links.</param>
public readonly record struct FileOwner(uint User, uint Group, int Names);
