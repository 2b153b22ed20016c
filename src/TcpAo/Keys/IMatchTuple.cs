using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>What of a socket pair is matched, with an id, in as few words as its family needs; a mask has the same form.</summary>
internal interface IMatchTuple<TSelf> : IEquatable<TSelf>
    where TSelf : struct, IMatchTuple<TSelf>
{
    /// <summary>The whole pair, and an id of 0 to 255 that a search names beside it.</summary>
    static abstract TSelf From(in SocketPair pair, int id);

    /// <summary>What the mask leaves of it.</summary>
    TSelf And(in TSelf mask);

    /// <summary>Makes the table of one shape with the smallest key that its mask allows.</summary>
    static abstract ShapeTable<TSelf, T> CreateTable<T>(in TSelf mask, List<(TSelf Tuple, long Rank, T Value)> rows);
}
