namespace TcpAo.Linux.Sockets;

/// <summary>What to change of a socket's TCP-AO; what is null stays as it is. Source: <c>TCP_AO_INFO</c>.</summary>
public sealed record TcpAoInfoChange
{
    /// <summary>SendID of the key to sign with from now on (current_key, R-057). A peer that asks for another one moves it again. Not on a listener.</summary>
    public byte? CurrentSendId { get; init; }

    /// <summary>RecvID of the key to ask for from now on (rnext_key, R-057). Not on a listener.</summary>
    public byte? RNextRecvId { get; init; }

    /// <summary>Whether unsigned segments of every peer are refused.</summary>
    public bool? AoRequired { get; init; }

    /// <summary>Whether ICMP hard errors end the connection .</summary>
    public bool? AcceptIcmps { get; init; }

    /// <summary>Values for all five counters.</summary>
    public TcpAoCounters? Counters { get; init; }
}
