using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;

namespace TcpAo.Keys;

/// <summary>
/// Everything in a master key tuple except whom it is for: ids, algorithm, MAC length, option flag, secret and lifetimes
/// (RFC 5925 section 3.1, R-011; lifetimes: RFC 8177, R-122). Immutable: a change is another key.
/// </summary>
/// <remarks>Everything that can be refused is refused by the constructor; signing and verifying with a key cannot fail.</remarks>
public sealed class AoKey
{
    /// <summary>Creates a key.</summary>
    /// <param name="name">How people know it, such as <c>core/1</c>: chain and number. Never secret.</param>
    /// <param name="sendId">The KeyID of segments that we sign, 0 to 255 .</param>
    /// <param name="recvId">The KeyID of segments that we verify, 0 to 255 .</param>
    /// <param name="algorithm">MAC and KDF.</param>
    /// <param name="masterKey">The secret, 1 to 80 bytes. The key takes it over.</param>
    /// <param name="macLength">Bytes of MAC on the wire, <see cref="MacAlgorithm.MinMacLength"/> to <see cref="MacAlgorithm.MaxMacLength"/>; null means the algorithm's own.</param>
    /// <param name="includeTcpOptions">Whether the other TCP options are covered by the MAC, in both directions .</param>
    /// <param name="sendLifetime">When the key may sign; null means always.</param>
    /// <param name="acceptLifetime">When the key may verify, tolerance included; null means always.</param>
    /// <exception cref="ArgumentOutOfRangeException">The MAC length does not suit the algorithm.</exception>
    public AoKey(
        string name,
        byte sendId,
        byte recvId,
        MacAlgorithm algorithm,
        Secret masterKey,
        int? macLength = null,
        bool includeTcpOptions = true,
        KeyLifetime? sendLifetime = null,
        KeyLifetime? acceptLifetime = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(algorithm);
        ArgumentNullException.ThrowIfNull(masterKey);
        int length = macLength ?? algorithm.DefaultMacLength;
        if (length < algorithm.MinMacLength || length > algorithm.MaxMacLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(macLength),
                length,
                $"The MAC length of {algorithm.Name} is {algorithm.MinMacLength} to {algorithm.MaxMacLength} bytes.");
        }

        Name = name;
        SendId = sendId;
        RecvId = recvId;
        Algorithm = algorithm;
        MasterKey = masterKey;
        MacLength = length;
        IncludeTcpOptions = includeTcpOptions;
        SendLifetime = sendLifetime ?? KeyLifetime.Always;
        AcceptLifetime = acceptLifetime ?? KeyLifetime.Always;
    }

    private AoKey(string name, (byte SendId, byte RecvId) ids, MacAlgorithm algorithm, Secret masterKey, int macLength, bool includeTcpOptions)
    {
        Name = name;
        SendId = ids.SendId;
        RecvId = ids.RecvId;
        Algorithm = algorithm;
        MasterKey = masterKey;
        MacLength = macLength;
        IncludeTcpOptions = includeTcpOptions;
        SendLifetime = KeyLifetime.Always;
        AcceptLifetime = KeyLifetime.Always;
    }

    /// <summary>How people know the key, such as <c>core/1</c>. Never secret.</summary>
    public string Name { get; }

    /// <summary>The KeyID of segments that we sign; what the peer asks for in RNextKeyID (RFC 5925 section 3.1).</summary>
    public byte SendId { get; }

    /// <summary>The KeyID of segments that we verify; what we ask for in RNextKeyID (RFC 5925 section 3.1).</summary>
    public byte RecvId { get; }

    /// <summary>MAC and KDF.</summary>
    public MacAlgorithm Algorithm { get; }

    /// <summary>The master key. It prints as <c>***</c>.</summary>
    public Secret MasterKey { get; }

    /// <summary>Bytes of MAC on the wire .</summary>
    public int MacLength { get; }

    /// <summary>Whether the other TCP options are covered by the MAC .</summary>
    public bool IncludeTcpOptions { get; }

    /// <summary>When the key may sign.</summary>
    public KeyLifetime SendLifetime { get; }

    /// <summary>When the key may verify, accept tolerance included.</summary>
    public KeyLifetime AcceptLifetime { get; }

    /// <summary>
    /// A key that a program set on a socket. Linux takes MACs of 1 to 16 bytes there; what a configuration may not have, a program may rely on.
    /// </summary>
    internal static AoKey ForSocket(string name, byte sendId, byte recvId, MacAlgorithm algorithm, Secret masterKey, int macLength, bool includeTcpOptions) =>
        new(name, (sendId, recvId), algorithm, masterKey, macLength, includeTcpOptions);

    /// <summary>Whether the key may sign at <paramref name="now"/>.</summary>
    public bool CanSend(DateTimeOffset now) => SendLifetime.Contains(now);

    /// <summary>Whether the key may verify at <paramref name="now"/>.</summary>
    public bool CanAccept(DateTimeOffset now) => AcceptLifetime.Contains(now);

    /// <summary>
    /// Whether a segment signed with one verifies with the other and carries the same ids: everything is equal but name and
    /// lifetimes, which may change during a connection.
    /// </summary>
    public bool HasSameMaterial(AoKey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, other)
            || (SendId == other.SendId
                && RecvId == other.RecvId
                && Algorithm == other.Algorithm
                && MacLength == other.MacLength
                && IncludeTcpOptions == other.IncludeTcpOptions
                && MasterKey.FixedTimeEquals(other.MasterKey));
    }

    /// <summary>
    /// Writes a fingerprint: equal for keys of the same material (<see cref="HasSameMaterial"/>) under the same salt, and useless to who wants the secret,
    /// as far as that is a random one.
    /// </summary>
    /// <param name="salt">Random bytes, at least 16.</param>
    /// <param name="fingerprint">1 to 32 bytes to write.</param>
    public void WriteFingerprint(ReadOnlySpan<byte> salt, Span<byte> fingerprint)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, salt);
        hash.AppendData(Encoding.ASCII.GetBytes($"{Algorithm.Name}/{MacLength}/{IncludeTcpOptions}/{SendId}/{RecvId}/"));
        hash.AppendData(MasterKey.Bytes);
        hash.GetHashAndReset().AsSpan(0, fingerprint.Length).CopyTo(fingerprint);
    }

    /// <summary>Name and ids; never the secret.</summary>
    public override string ToString() => $"{Name} (send-id {SendId}, recv-id {RecvId}, {Algorithm.Name})";
}
