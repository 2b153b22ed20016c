namespace TcpAo.Hosting.Control.Status;

/// <summary>A cause of refusals, with the last segment that had it.</summary>
/// <param name="Time">When last.</param>
/// <param name="Peer">Name of the peer.</param>
/// <param name="Local">Our end.</param>
/// <param name="Remote">The peer's end.</param>
/// <param name="Direction"><c>in</c> or <c>out</c>.</param>
/// <param name="Reason">Why.</param>
/// <param name="Dropped">False in mode <c>monitor</c>: it passed.</param>
/// <param name="Flags">TCP flags, in the order SFRPAUEC.</param>
/// <param name="KeyId">KeyID of the segment; null without TCP-AO.</param>
/// <param name="RnextKeyId">RNextKeyID of the segment.</param>
/// <param name="MacLength">Bytes of MAC.</param>
/// <param name="Count">Segments refused for this cause.</param>
/// <param name="Hint">What would make it match, such as <c>options-excluded</c>; null where nothing is found.</param>
/// <param name="Explanation">The hint as a sentence.</param>
public sealed record RefusalStatus(
    DateTimeOffset Time,
    string Peer,
    string Local,
    string Remote,
    string Direction,
    string Reason,
    bool Dropped,
    string Flags,
    int? KeyId,
    int? RnextKeyId,
    int? MacLength,
    long Count,
    string? Hint,
    string? Explanation);
