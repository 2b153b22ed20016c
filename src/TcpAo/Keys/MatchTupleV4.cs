using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>A matched tuple of IPv4 in 16 bytes, so that a table of 100 000 stays in a processor's nearer caches.</summary>
/// <param name="Addresses">Remote and local address.</param>
/// <param name="Rest">Remote port, local port, VRF: 16, 16 and 32 bits.</param>
internal readonly record struct MatchTupleV4(ulong Addresses, ulong Rest) : IMatchTuple<MatchTupleV4>
{
    public static MatchTupleV4 From(in SocketPair pair) =>
        new(
            (pair.Remote.Low << 32) | (uint)pair.Local.Low,
            ((ulong)pair.RemotePort << 48) | ((ulong)pair.LocalPort << 32) | (uint)pair.Vrf);

    /// <summary>The IPv4 part of a tuple or mask that is about IPv4, or about any address.</summary>
    public static MatchTupleV4 Narrow(in MatchTuple tuple) => new((tuple.RemoteLow << 32) | (uint)tuple.LocalLow, tuple.Rest);

    public MatchTupleV4 And(in MatchTupleV4 mask) => new(Addresses & mask.Addresses, Rest & mask.Rest);

    public ulong Hash(int id) => MatchTuple.Fold(
        Addresses ^ 0xA076_1D64_78BD_642F ^ ((ulong)(uint)id * 0x9E37_79B9_7F4A_7C15),
        Rest ^ 0xE703_7ED1_A0B4_28DB);

    public override int GetHashCode() => (int)Hash(0);
}
