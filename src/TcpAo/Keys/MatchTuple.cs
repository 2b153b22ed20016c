using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>A matched tuple of either family.</summary>
/// <param name="RemoteHigh">First half of the remote address.</param>
/// <param name="RemoteLow">Second half of the remote address.</param>
/// <param name="LocalHigh">First half of the local address.</param>
/// <param name="LocalLow">Second half of the local address.</param>
/// <param name="Rest">Remote port, local port, VRF: 16, 16 and 32 bits.</param>
/// <param name="Id">What a search names beside the pair; all ones in a mask.</param>
internal readonly record struct MatchTuple(ulong RemoteHigh, ulong RemoteLow, ulong LocalHigh, ulong LocalLow, ulong Rest, int Id)
    : IMatchTuple<MatchTuple>, IMatchKey<MatchTuple, MatchTuple>
{
    public static MatchTuple From(in SocketPair pair, int id) => Create(pair.Remote, pair.Local, pair.RemotePort, pair.LocalPort, (uint)pair.Vrf, id);

    public static MatchTuple Create(IpAddressBits remote, IpAddressBits local, ushort remotePort, ushort localPort, uint vrf, int id) =>
        new(remote.High, remote.Low, local.High, local.Low, ((ulong)remotePort << 48) | ((ulong)localPort << 32) | vrf, id);

    public static MatchTuple Pack(in MatchTuple masked) => masked;

    public static ShapeTable<MatchTuple, T> CreateTable<T>(in MatchTuple mask, List<(MatchTuple Tuple, long Rank, T Value)> rows) =>
        mask.LocalHigh == 0 && mask.LocalLow == 0 && HasOnePort(mask.Rest)
            ? new KeyedShapeTable<MatchTuple, RemoteKeyV6, T>(mask, rows)
            : new KeyedShapeTable<MatchTuple, MatchTuple, T>(mask, rows);

    public MatchTuple And(in MatchTuple mask) => new(
        RemoteHigh & mask.RemoteHigh,
        RemoteLow & mask.RemoteLow,
        LocalHigh & mask.LocalHigh,
        LocalLow & mask.LocalLow,
        Rest & mask.Rest,
        Id & mask.Id);

    public ulong Hash()
    {
        ulong hash = Fold(RemoteHigh ^ 0xA076_1D64_78BD_642F, RemoteLow ^ 0xE703_7ED1_A0B4_28DB);
        hash ^= Fold(LocalHigh ^ 0x8EBC_6AF0_9C88_C6E3, LocalLow ^ 0x5899_65CC_7537_4CC3);
        return Fold(hash ^ ((ulong)(uint)Id * 0x9E37_79B9_7F4A_7C15), Rest ^ 0x1D8E_4E27_C47D_124F);
    }

    public override int GetHashCode() => (int)Hash();

    /// <summary>Whether at most one of two ports is left by a mask, so that both fit in the place of one.</summary>
    internal static bool HasOnePort(ulong restMask) => restMask >> 48 == 0 || (restMask >> 32 & 0xFFFF) == 0;

    /// <summary>The port that a mask left.</summary>
    internal static ulong OnePort(ulong maskedRest) => (maskedRest >> 48) | (maskedRest >> 32 & 0xFFFF);

    /// <summary>The 128-bit product of both, folded to 64 bits: one multiplication mixes every bit.</summary>
    internal static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
