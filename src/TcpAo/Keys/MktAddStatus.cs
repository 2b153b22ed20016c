namespace TcpAo.Keys;

/// <summary>Whether a master key tuple could be added to a table (RFC 5925 section 3.1, R-018).</summary>
public enum MktAddStatus
{
    /// <summary>It is in the table.</summary>
    Added,

    /// <summary>Another tuple has the same SendID or the same RecvID for a connection of both; EEXIST on Linux (linux-uapi 4.2).</summary>
    IdOverlap,
}
