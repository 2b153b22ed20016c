namespace TcpAo.Linux.Sockets;

/// <summary>TCP-AO of a socket as a whole. Source: <c>TCP_AO_INFO</c>.</summary>
/// <param name="CurrentSendId">SendID of the key that signs (current_key); null where none is chosen, as on a listener.</param>
/// <param name="RNextRecvId">RecvID of the key that is asked for (rnext_key); null where none is chosen.</param>
/// <param name="AoRequired">Whether unsigned segments of every peer are refused.</param>
/// <param name="AcceptIcmps">Whether ICMP hard errors end the connection .</param>
/// <param name="Counters">What was counted.</param>
public sealed record TcpAoInfo(byte? CurrentSendId, byte? RNextRecvId, bool AoRequired, bool AcceptIcmps, TcpAoCounters Counters);
