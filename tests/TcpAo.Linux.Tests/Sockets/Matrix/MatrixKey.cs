using System.Net;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>Keys of the rows.</summary>
internal static class MatrixKey
{
    private static readonly Secret s_right = Secret.FromText("the right one");
    private static readonly Secret s_wrong = Secret.FromText("another one");

    public static TcpAoKey Ao(IpPrefix peer, byte sendId = 1, byte recvId = 1, bool isRight = true) => new(peer, sendId, recvId, isRight ? s_right : s_wrong);

    public static TcpAoKey Ao(IPAddress peer, byte sendId = 1, byte recvId = 1, bool isRight = true) => Ao(Ends.Host(peer), sendId, recvId, isRight);

    public static TcpMd5Key Md5(IpPrefix peer, bool isRight = true) => new(peer, isRight ? s_right : s_wrong);

    public static TcpMd5Key Md5(IPAddress peer, bool isRight = true) => Md5(Ends.Host(peer), isRight);

    /// <summary>The right secret in another form of key.</summary>
    public static TcpAoKey Ao(IPAddress peer, MacAlgorithm algorithm, int? macLength = null, bool includeTcpOptions = true) =>
        new(peer, 1, 1, s_right) { Algorithm = algorithm, MacLength = macLength, IncludeTcpOptions = includeTcpOptions };
}
