namespace TcpAo.Hosting.KeyStores;

/// <summary>Why a key store did not do what it was asked.</summary>
public enum KeyStoreFailure
{
    /// <summary>No member answers, or the cluster has no majority.</summary>
    Unreachable,

    /// <summary>The user may not, or is not who he says.</summary>
    Denied,

    /// <summary>The revision that a watch was to begin at is no longer there.</summary>
    Compacted,

    /// <summary>It answered with something else.</summary>
    Refused,
}
