namespace TcpAo.Hosting.Control;

/// <summary>Which keys a connection uses, and whether that is what its chain wants.</summary>
/// <param name="Peer">Name of the peer.</param>
/// <param name="Chain">Name of its key chain.</param>
/// <param name="Local">Our end.</param>
/// <param name="Remote">The peer's end.</param>
/// <param name="SendId">KeyID of what we sign; null for none.</param>
/// <param name="SendSince">Since when.</param>
/// <param name="WantedSendId">KeyID of what the chain would sign; null for none.</param>
/// <param name="ReceivedId">KeyID of what the peer signs; null before its first verified segment.</param>
/// <param name="ReceivedSince">Since when.</param>
/// <param name="WantedReceivedId">KeyID that we ask the peer for; null for none.</param>
/// <param name="AskedSince">Since when we ask for it.</param>
/// <param name="Pending">What is yet to come, as a sentence; null when nothing is.</param>
public sealed record KeyUse(
    string Peer,
    string Chain,
    string Local,
    string Remote,
    int? SendId,
    DateTimeOffset? SendSince,
    int? WantedSendId,
    int? ReceivedId,
    DateTimeOffset? ReceivedSince,
    int? WantedReceivedId,
    DateTimeOffset? AskedSince,
    string? Pending)
{
    /// <summary>Whether both ends are where the chain wants them.</summary>
    public bool IsSettled => Pending is null;
}
