namespace TcpAo.Linux.Netfilter;

/// <summary>What decides which of several queues a connection is on. Both directions of a connection always meet the same queue.</summary>
public enum QueueSpread
{
    /// <summary>Addresses and ports: connections with one peer spread over all queues.</summary>
    Connection,

    /// <summary>Addresses alone: a flood in the name of one peer fills one queue, whatever ports it uses.</summary>
    AddressPair,
}
