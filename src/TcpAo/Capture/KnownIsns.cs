using TcpAo.Connections;

namespace TcpAo.Capture;

/// <summary>
/// The ISNs of a connection whose handshake is not in the capture, told by the user: from <c>TCP_AO_REPAIR</c>, <c>ss</c> or a log.
/// </summary>
/// <param name="Pair">The connection; <see cref="SocketPair.Local"/> is the end of <paramref name="LocalIsn"/>.</param>
/// <param name="LocalIsn">ISN of the local end.</param>
/// <param name="RemoteIsn">ISN of the remote end.</param>
/// <param name="LocalSne">SNE of the local end at the beginning of the capture; null where less than 4 GB were sent before.</param>
/// <param name="RemoteSne">SNE of the remote end, likewise.</param>
public readonly record struct KnownIsns(SocketPair Pair, uint LocalIsn, uint RemoteIsn, uint? LocalSne = null, uint? RemoteSne = null);
