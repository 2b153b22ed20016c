namespace TcpAo.Hosting.Control.Status;

/// <summary>A connection.</summary>
/// <param name="Local">Our end.</param>
/// <param name="Remote">The peer's end.</param>
/// <param name="Peer">Name of the peer.</param>
/// <param name="State">How far it is: <c>syn-sent</c>, <c>syn-received</c>, <c>synchronized</c>, <c>closed</c>.</param>
/// <param name="Protection"><c>signed</c>, <c>unsigned</c> or <c>undecided</c>.</param>
/// <param name="CurrentKey">Name of the key that we sign with.</param>
/// <param name="CurrentKeyId">Its id on the wire.</param>
/// <param name="RnextKey">Name of the key that we ask for.</param>
/// <param name="RnextKeyId">Its id on the wire.</param>
/// <param name="LastKeyId">KeyID of the last verified segment.</param>
/// <param name="LastRnextKeyId">RNextKeyID of the last verified segment.</param>
/// <param name="SendSne">Times that our sequence numbers wrapped.</param>
/// <param name="ReceiveSne">Times that the peer's did.</param>
/// <param name="Counters">What the connection counted.</param>
public sealed record ConnectionStatus(
    string Local,
    string Remote,
    string Peer,
    string State,
    string Protection,
    string? CurrentKey,
    int? CurrentKeyId,
    string? RnextKey,
    int? RnextKeyId,
    int? LastKeyId,
    int? LastRnextKeyId,
    uint SendSne,
    uint ReceiveSne,
    CounterStatus Counters)
{
    /// <summary>Since when we sign with the current key; null for none. After a restart: since the restart.</summary>
    public DateTimeOffset? CurrentKeySince { get; init; }

    /// <summary>Since when we ask for the rnext key, likewise.</summary>
    public DateTimeOffset? RnextKeySince { get; init; }

    /// <summary>Since when the peer signs with the key of the last verified segment, likewise.</summary>
    public DateTimeOffset? LastKeySince { get; init; }
}
