namespace TcpAo.Keys;

/// <summary>A masked tuple as a hash table keeps it: without the words that its shape masks out, and without loss.</summary>
internal interface IMatchKey<TTuple, TSelf> : IEquatable<TSelf>
    where TSelf : struct, IMatchKey<TTuple, TSelf>
{
    /// <summary>Leaves out what the mask of the shape made zero.</summary>
    static abstract TSelf Pack(in TTuple masked);

    /// <summary>
    /// A hash, all bits usable. It needs no random seed: what is in a table was configured, and a stranger who chooses what is
    /// looked up finds no chain to walk.
    /// </summary>
    ulong Hash();
}
