namespace TcpAo.Hosting.Control.Status;

/// <summary>A key; never its secret.</summary>
/// <param name="Id">Its number in the chain.</param>
/// <param name="SendId">KeyID of what we sign; null for TCP MD5.</param>
/// <param name="RecvId">KeyID of what we verify; null for TCP MD5.</param>
/// <param name="Algorithm">MAC and KDF.</param>
/// <param name="MacLength">Bytes of MAC.</param>
/// <param name="IncludeTcpOptions">Whether the MAC covers the other TCP options.</param>
/// <param name="Send">When it signs: <c>now</c>, <c>never</c>, <c>later</c> or <c>over</c>.</param>
/// <param name="Accept">When it verifies, likewise.</param>
/// <param name="SendUntil">End of its send lifetime; null for none.</param>
/// <param name="AcceptUntil">End of its accept lifetime; null for none.</param>
/// <param name="Fingerprint">Changes whenever the key does. Salted: it says nothing about the secret, and means nothing on another host.</param>
/// <param name="Good">Segments that verified with it.</param>
/// <param name="Bad">Segments that named it and did not verify.</param>
public sealed record KeyStatus(
    ulong Id,
    int? SendId,
    int? RecvId,
    string Algorithm,
    int MacLength,
    bool IncludeTcpOptions,
    string Send,
    string Accept,
    DateTimeOffset? SendUntil,
    DateTimeOffset? AcceptUntil,
    string Fingerprint,
    ulong Good,
    ulong Bad);
