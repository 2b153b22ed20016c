using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>What of a socket pair is matched, in as few words as its family needs; a mask has the same form.</summary>
internal interface IMatchTuple<TSelf> : IEquatable<TSelf>
    where TSelf : struct, IMatchTuple<TSelf>
{
    /// <summary>The whole pair.</summary>
    static abstract TSelf From(in SocketPair pair);

    /// <summary>What the mask leaves of it.</summary>
    TSelf And(in TSelf mask);

    /// <summary>
    /// A hash of the tuple and an id, all bits usable. It needs no random seed: what is in a table was configured, and a
    /// stranger who chooses what is looked up finds no chain to walk.
    /// </summary>
    ulong Hash(int id);
}
