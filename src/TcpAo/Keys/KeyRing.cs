using System.Collections.Immutable;

namespace TcpAo.Keys;

/// <summary>
/// The keys that apply to one connection, in order of preference. Immutable; ids are unique in each direction,
/// so that a segment's KeyID names one key or none.
/// </summary>
public sealed class KeyRing
{
    private const int AoFixedLength = 4;

    // 18 bytes behind two NOPs
    private const int Md5Option = 20;

    private readonly ushort[] _bySendId = new ushort[256];
    private readonly ushort[] _byRecvId = new ushort[256];

    /// <summary>Creates a ring.</summary>
    /// <param name="keys">The keys; the first is the one that Linux would start with. TCP MD5 keys have no ids.</param>
    /// <exception cref="ArgumentException">Two keys share a SendID or a RecvID.</exception>
    public KeyRing(params IEnumerable<AoKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Keys = [.. keys];
        // position + 1 by id; 0 where no key has it
        for (int i = 0; i < Keys.Length; i++)
        {
            AoKey key = Keys[i];
            if (key.Algorithm.IsTcpMd5)
            {
                continue;
            }

            if (_bySendId[key.SendId] != 0 || _byRecvId[key.RecvId] != 0)
            {
                AoKey other = Keys[(_bySendId[key.SendId] != 0 ? _bySendId[key.SendId] : _byRecvId[key.RecvId]) - 1];
                throw new ArgumentException($"{key} has an id of {other}.", nameof(keys));
            }

            _bySendId[key.SendId] = (ushort)(i + 1);
            _byRecvId[key.RecvId] = (ushort)(i + 1);
        }
    }

    /// <summary>A ring without keys.</summary>
    public static KeyRing Empty { get; } = new();

    /// <summary>The keys, most preferred first.</summary>
    public ImmutableArray<AoKey> Keys { get; }

    /// <summary>Bytes that the longest option of these keys takes in the TCP header, padding included.</summary>
    public int LongestOption => Keys.IsEmpty ? 0 : Keys.Max(key => key.Algorithm.IsTcpMd5 ? Md5Option : (AoFixedLength + key.MacLength + 3) & ~3);

    /// <summary>The key that the peer asks for with RNextKeyID = <paramref name="sendId"/> (R-073).</summary>
    public AoKey? FindBySendId(byte sendId) => At(_bySendId[sendId]);

    /// <summary>The key that an inbound segment with KeyID = <paramref name="recvId"/> is verified with .</summary>
    public AoKey? FindByRecvId(byte recvId) => At(_byRecvId[recvId]);

    /// <summary>
    /// The ring with <paramref name="held"/> kept: keys in use stay although they were removed or changed.
    /// A key of this ring whose id is held by another key waits until that one is left.
    /// </summary>
    /// <param name="held">Keys in use, the one that matters most first: a later one with an id of an earlier one goes. Null entries are ignored.</param>
    public KeyRing Holding(params ReadOnlySpan<AoKey?> held)
    {
        List<AoKey>? kept = null;
        foreach (AoKey? key in held)
        {
            if (key is not null && !Holds(key) && kept?.Exists(other => SharesId(other, key)) != true)
            {
                (kept ??= []).Add(key);
            }
        }

        if (kept is null)
        {
            return this;
        }

        kept.AddRange(Keys.Where(key => !kept.Exists(other => SharesId(other, key))));
        return new KeyRing(kept);
    }

    /// <summary>The key of this ring that is <paramref name="key"/>, apart from its name and lifetimes; or null.</summary>
    public AoKey? FindSame(AoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return FindBySendId(key.SendId) is { } candidate && candidate.HasSameMaterial(key) ? candidate : null;
    }

    private static bool SharesId(AoKey a, AoKey b) => a.SendId == b.SendId || a.RecvId == b.RecvId;

    private bool Holds(AoKey key) => FindSame(key) is not null;

    private AoKey? At(ushort position) => position == 0 ? null : Keys[position - 1];
}
