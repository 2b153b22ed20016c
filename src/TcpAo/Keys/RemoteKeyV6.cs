namespace TcpAo.Keys;

/// <summary>The key of an IPv6 shape that asks for the remote address, one port and the VRF, in 24 bytes.</summary>
/// <param name="High">First half of the remote address.</param>
/// <param name="Low">Second half of the remote address.</param>
/// <param name="Rest">VRF, the one port, id: 32, 16 and 16 bits.</param>
internal readonly record struct RemoteKeyV6(ulong High, ulong Low, ulong Rest) : IMatchKey<MatchTuple, RemoteKeyV6>
{
    public static RemoteKeyV6 Pack(in MatchTuple masked) =>
        new(masked.RemoteHigh, masked.RemoteLow, (masked.Rest << 32) | (MatchTuple.OnePort(masked.Rest) << 16) | (uint)masked.Id);

    public ulong Hash() => MatchTuple.Fold(
        MatchTuple.Fold(High ^ 0xA076_1D64_78BD_642F, Low ^ 0xE703_7ED1_A0B4_28DB),
        Rest ^ 0x1D8E_4E27_C47D_124F);
}
