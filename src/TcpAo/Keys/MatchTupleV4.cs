using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>A matched tuple of IPv4, half the size of a <see cref="MatchTuple"/>.</summary>
/// <param name="Addresses">Remote and local address.</param>
/// <param name="Rest">Remote port, local port, VRF: 16, 16 and 32 bits.</param>
/// <param name="Id">What a search names beside the pair; all ones in a mask.</param>
internal readonly record struct MatchTupleV4(ulong Addresses, ulong Rest, int Id)
    : IMatchTuple<MatchTupleV4>, IMatchKey<MatchTupleV4, MatchTupleV4>
{
    public static MatchTupleV4 From(in SocketPair pair, int id) =>
        new(
            (pair.Remote.Low << 32) | (uint)pair.Local.Low,
            ((ulong)pair.RemotePort << 48) | ((ulong)pair.LocalPort << 32) | (uint)pair.Vrf,
            id);

    /// <summary>The IPv4 part of a tuple or mask that is about IPv4, or about any address.</summary>
    public static MatchTupleV4 Narrow(in MatchTuple tuple) => new((tuple.RemoteLow << 32) | (uint)tuple.LocalLow, tuple.Rest, tuple.Id);

    public static MatchTupleV4 Pack(in MatchTupleV4 masked) => masked;

    public static ShapeTable<MatchTupleV4, T> CreateTable<T>(in MatchTupleV4 mask, List<(MatchTupleV4 Tuple, long Rank, T Value)> rows) =>
        (uint)mask.Addresses == 0 && (uint)mask.Rest == 0 && MatchTuple.HasOnePort(mask.Rest)
            ? new KeyedShapeTable<MatchTupleV4, RemoteKeyV4, T>(mask, rows)
            : new KeyedShapeTable<MatchTupleV4, MatchTupleV4, T>(mask, rows);

    public MatchTupleV4 And(in MatchTupleV4 mask) => new(Addresses & mask.Addresses, Rest & mask.Rest, Id & mask.Id);

    public ulong Hash() => MatchTuple.Fold(
        Addresses ^ 0xA076_1D64_78BD_642F ^ ((ulong)(uint)Id * 0x9E37_79B9_7F4A_7C15),
        Rest ^ 0xE703_7ED1_A0B4_28DB);

    public override int GetHashCode() => (int)Hash();
}
