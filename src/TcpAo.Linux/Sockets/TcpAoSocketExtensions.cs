using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using TcpAo.Keys;

namespace TcpAo.Linux.Sockets;

/// <summary>
/// TCP-AO (RFC 5925) and TCP MD5 (RFC 2385) of a socket, as Linux has them: the same calls on a kernel with CONFIG_TCP_AO and in a program that <c>tcpao exec</c> runs.
/// </summary>
/// <remarks>
/// <para>
/// Keys are set before <c>Connect</c> or <c>Listen</c>; a connection that began without TCP-AO stays so (R-075). A listener has the keys of all its peers, and an accepted
/// connection gets copies of those for its own; what changes on a listener between a handshake and <c>Accept</c> is put right by <see cref="TcpAoKeyManager.Adopt"/>.
/// </para>
/// <para>
/// A peer with another key or none is not told: its connect times out, and the counters say why. A connect to a peer without a key, from a socket that has others, fails at once
/// with a <see cref="SocketException"/>; see <see cref="CheckTcpAoPeer"/>.
/// </para>
/// <para>All calls throw <see cref="TcpAoException"/> when the kernel refuses, and <see cref="ObjectDisposedException"/> when the socket is closed.</para>
/// </remarks>
public static class TcpAoSocketExtensions
{
    /// <summary>Adds a key (R-054, R-055).</summary>
    /// <param name="socket">A TCP socket: not connected, listening, or with a connection that has TCP-AO.</param>
    /// <param name="key">The key. The kernel takes a copy of the secret.</param>
    /// <exception cref="TcpAoException">The kernel refuses, or cannot do what the key asks for.</exception>
    public static void AddTcpAoKey(this Socket socket, TcpAoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        AoOptions.AddKey(Of(socket), key);
    }

    /// <summary>Takes a key off. A key in use stays, unless the removal names those that take its place (R-019).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="removal">Which key, and what takes its place.</param>
    /// <exception cref="TcpAoException">There is no such key, or it is in use.</exception>
    public static void RemoveTcpAoKey(this Socket socket, TcpAoKeyRemoval removal)
    {
        ArgumentNullException.ThrowIfNull(removal);
        AoOptions.RemoveKey(Of(socket), removal);
    }

    /// <summary>Takes a key off that was added with <see cref="AddTcpAoKey"/> and is not in use.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="key">The key; its secret plays no part.</param>
    /// <exception cref="TcpAoException">There is no such key, or it is in use.</exception>
    public static void RemoveTcpAoKey(this Socket socket, TcpAoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        AoOptions.RemoveKey(Of(socket), new TcpAoKeyRemoval(key.Peer, key.SendId, key.RecvId)
        {
            InterfaceIndex = key.InterfaceIndex,
            LocalPorts = key.LocalPorts,
            RemotePorts = key.RemotePorts,
        });
    }

    /// <summary>The keys, the one added last first, without their secrets (R-056).</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>None where the socket has no TCP-AO.</returns>
    /// <exception cref="TcpAoException">The kernel refuses.</exception>
    public static ImmutableArray<TcpAoKeyStatus> GetTcpAoKeys(this Socket socket) => AoOptions.GetKeys(Of(socket));

    /// <summary>Whether the socket has just this key, the secret included. The kernel gives secrets to whoever has the socket; they are compared in fixed time and erased.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="TcpAoException">The kernel refuses.</exception>
    public static bool HasTcpAoKey(this Socket socket, TcpAoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return AoOptions.HasKey(Of(socket), key);
    }

    /// <summary>TCP-AO of the socket as a whole.</summary>
    /// <param name="socket">The socket.</param>
    /// <exception cref="TcpAoException">The socket has no TCP-AO, or the kernel has none.</exception>
    public static TcpAoInfo GetTcpAoInfo(this Socket socket) => AoOptions.FindInfo(Of(socket)) ?? throw OptionErrors.Get(Interop.Errno.ENOENT);

    /// <summary>TCP-AO of the socket as a whole, if it has TCP-AO: of an accepted connection, whether it is signed.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="info">What it is, after true.</param>
    /// <returns>False where it has none, or the kernel has none.</returns>
    public static bool TryGetTcpAoInfo(this Socket socket, [NotNullWhen(true)] out TcpAoInfo? info)
    {
        OptionSocket options = Of(socket);
        info = TcpAoSupport.IsSupported ? AoOptions.FindInfo(options) : null;
        return info is not null;
    }

    /// <summary>Changes TCP-AO of the socket as a whole; what is not named stays, read just before.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="change">What to change.</param>
    /// <exception cref="TcpAoException">The kernel refuses.</exception>
    public static void SetTcpAoInfo(this Socket socket, TcpAoInfoChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        AoOptions.SetInfo(Of(socket), change);
    }

    /// <summary>The ids of the last segment that verified (R-058).</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>Null before the first one.</returns>
    /// <exception cref="TcpAoException"><see cref="TcpAoError.ExtensionNotSupported"/>: a native kernel does not tell them.</exception>
    public static TcpAoReceivedIds? GetTcpAoReceivedIds(this Socket socket) => AoOptions.GetReceivedIds(Of(socket));

    /// <summary>What continues the connection's TCP-AO on another socket (R-090). The socket is in repair mode (<c>TCP_REPAIR</c>).</summary>
    /// <param name="socket">The socket.</param>
    /// <exception cref="TcpAoException">Not in repair mode, no CAP_NET_ADMIN, or no TCP-AO.</exception>
    public static TcpAoRepairState GetTcpAoRepair(this Socket socket) => AoOptions.GetRepair(Of(socket));

    /// <summary>Continues another socket's TCP-AO (R-090): after its keys were added. The socket is in repair mode (<c>TCP_REPAIR</c>).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="state">What <see cref="GetTcpAoRepair"/> gave.</param>
    /// <exception cref="TcpAoException">Not in repair mode, no CAP_NET_ADMIN, or no TCP-AO.</exception>
    public static void SetTcpAoRepair(this Socket socket, TcpAoRepairState state) => AoOptions.SetRepair(Of(socket), state);

    /// <summary>Adds a TCP MD5 key, or replaces the one for the same peers.</summary>
    /// <param name="socket">A TCP socket.</param>
    /// <param name="key">The key. The kernel takes a copy of the password.</param>
    /// <exception cref="TcpAoException">The kernel refuses: the peer has a TCP-AO key, for example.</exception>
    public static void AddTcpMd5Key(this Socket socket, TcpMd5Key key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Md5Options.AddKey(Of(socket), key);
    }

    /// <summary>Takes a TCP MD5 key off.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="peer">Whom the key is for, just as it was added.</param>
    /// <param name="interfaceIndex">Its VRF, just as it was added.</param>
    /// <exception cref="TcpAoException">There is no such key.</exception>
    public static void RemoveTcpMd5Key(this Socket socket, IpPrefix peer, int? interfaceIndex = null) => Md5Options.RemoveKey(Of(socket), peer, interfaceIndex);

    /// <summary>
    /// Fails where a connect to a peer would, with the reason: the socket has TCP-AO and no key for it. .NET has no name for the kernel's error, and <c>Connect</c> throws a
    /// <see cref="SocketException"/> that does not tell. TCP MD5 keys cannot be read, and are not looked at.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="peer">The peer.</param>
    /// <exception cref="TcpAoException"><see cref="TcpAoError.KeyRejected"/>, or the kernel refuses.</exception>
    public static void CheckTcpAoPeer(this Socket socket, IPAddress peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        OptionSocket options = Of(socket);
        var bits = IpAddressBits.From(peer);
        if (AoOptions.FindInfo(options) is { } info && !AoOptions.GetKeys(options).Any(key => key.Peer.Contains(bits)))
        {
            throw new TcpAoException(
                TcpAoError.KeyRejected,
                $"The socket has no TCP-AO key for {bits}{(info.AoRequired ? " and requires one" : ", only for others")}: a connect is rejected (EKEYREJECTED). Add a key for this peer.");
        }
    }

    private static KernelSocket Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new KernelSocket(socket);
    }
}
