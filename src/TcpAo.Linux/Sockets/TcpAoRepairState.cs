namespace TcpAo.Linux.Sockets;

/// <summary>What continues a connection's TCP-AO on another socket. Source: <c>TCP_AO_REPAIR</c>.</summary>
/// <param name="SendIsn">Our initial sequence number.</param>
/// <param name="ReceiveIsn">The peer's.</param>
/// <param name="SendSne">Extension of the sequence numbers that we send .</param>
/// <param name="ReceiveSne">Extension of those that we receive .</param>
public readonly record struct TcpAoRepairState(uint SendIsn, uint ReceiveIsn, uint SendSne, uint ReceiveSne);
