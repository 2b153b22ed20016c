namespace TcpAo;

/// <summary>What to do with a packet.</summary>
public enum AoVerdict
{
    /// <summary>Let it go as it is.</summary>
    Pass,

    /// <summary>Let it go as it now stands in the buffer.</summary>
    Rewrite,

    /// <summary>Drop it, silently.</summary>
    Drop,
}
