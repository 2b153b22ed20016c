namespace TcpAo.Capture;

/// <summary>A MAC that was computed ahead, together with others, under the key and SNE that were to be expected. It is only good where both came true.</summary>
/// <param name="key">Holds the prepared key; null where nothing was foreseen.</param>
/// <param name="keyAt">Where in it.</param>
/// <param name="sne">The SNE.</param>
/// <param name="mac">The leading 16 bytes of the MAC.</param>
internal readonly ref struct ForeseenMac(byte[]? key, int keyAt, uint sne, ReadOnlySpan<byte> mac)
{
    /// <summary>The leading 16 bytes of the MAC.</summary>
    public ReadOnlySpan<byte> Mac { get; } = mac;

    /// <summary>Whether it was computed under this key and SNE. A prepared key is one direction of one connection, so that addresses and ports are the same too.</summary>
    public bool IsOf(byte[] otherKey, int otherKeyAt, uint otherSne) => ReferenceEquals(key, otherKey) && keyAt == otherKeyAt && sne == otherSne;
}
