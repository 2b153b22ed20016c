using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>A matched tuple of either family in 40 bytes.</summary>
/// <param name="RemoteHigh">First half of the remote address.</param>
/// <param name="RemoteLow">Second half of the remote address.</param>
/// <param name="LocalHigh">First half of the local address.</param>
/// <param name="LocalLow">Second half of the local address.</param>
/// <param name="Rest">Remote port, local port, VRF: 16, 16 and 32 bits.</param>
internal readonly record struct MatchTuple(ulong RemoteHigh, ulong RemoteLow, ulong LocalHigh, ulong LocalLow, ulong Rest)
    : IMatchTuple<MatchTuple>
{
    public static MatchTuple From(in SocketPair pair) => Pack(pair.Remote, pair.Local, pair.RemotePort, pair.LocalPort, (uint)pair.Vrf);

    public static MatchTuple Pack(IpAddressBits remote, IpAddressBits local, ushort remotePort, ushort localPort, uint vrf) =>
        new(remote.High, remote.Low, local.High, local.Low, ((ulong)remotePort << 48) | ((ulong)localPort << 32) | vrf);

    public MatchTuple And(in MatchTuple mask) =>
        new(RemoteHigh & mask.RemoteHigh, RemoteLow & mask.RemoteLow, LocalHigh & mask.LocalHigh, LocalLow & mask.LocalLow, Rest & mask.Rest);

    public ulong Hash(int id)
    {
        ulong hash = Fold(RemoteHigh ^ 0xA076_1D64_78BD_642F, RemoteLow ^ 0xE703_7ED1_A0B4_28DB);
        hash ^= Fold(LocalHigh ^ 0x8EBC_6AF0_9C88_C6E3, LocalLow ^ 0x5899_65CC_7537_4CC3);
        return Fold(hash ^ ((ulong)(uint)id * 0x9E37_79B9_7F4A_7C15), Rest ^ 0x1D8E_4E27_C47D_124F);
    }

    public override int GetHashCode() => (int)Hash(0);

    /// <summary>The 128-bit product of both, folded to 64 bits: one multiplication mixes every bit.</summary>
    internal static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
