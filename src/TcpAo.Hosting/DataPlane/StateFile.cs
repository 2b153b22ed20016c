using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Connections that outlive the program: ISNs, sequence number extensions and key choices in a memory-mapped file, never a secret. What is written to it
/// survives the death of the process at any instant; it is bound to the boot and the network namespace, since both end all connections, unless it is to survive them.
/// </summary>
/// <remarks>
/// Each connection has two places that take turns, so that a record cut short by a crash leaves the one before it. Several engines may keep connections here:
/// one of them is the file's only writer at a time.
/// </remarks>
internal sealed class StateFile : IConnectionStore, IDisposable
{
    /// <summary>Connections that fit. The file is sparse: memory is used for those that are there.</summary>
    public const int Capacity = 131_072;

    private const int HeaderLength = 4096;
    private const int PlaceLength = 2 * StateRecord.Length;
    private const int SaltOffset = 64;
    private const int SaltLength = 16;
    private const int UsedOffset = SaltOffset + SaltLength;
    private const int BootOffset = 96;
    private const int BootLength = 48;

    private static ReadOnlySpan<byte> AnyBoot => "any boot"u8;

    private static ReadOnlySpan<byte> Magic => "tcpao state 1\n"u8;

    private readonly Lock _gate = new();
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    // of what was loaded and is not a connection yet; a connection knows its own
    private readonly Dictionary<SocketPair, int> _places = [];
    private readonly Stack<int> _free = new();
    private readonly byte[] _record = new byte[StateRecord.Length];
    private readonly byte[] _salt = new byte[SaltLength];

    // gone with their keys, which a reload may let go
    private readonly ConditionalWeakTable<AoKey, byte[]> _fingerprints = [];
    private ulong _version;
    private int _used;

    private StateFile(MemoryMappedFile file)
    {
        _file = file;
        _view = file.CreateViewAccessor();
    }

    /// <summary>What fingerprints of keys are salted with. It stays here: with it a weak secret could be guessed from its fingerprint.</summary>
    public byte[] Salt => _salt;

    /// <summary>Connections that found no place.</summary>
    public long Lost { get; private set; }

    /// <summary>Whether what it holds is from another boot or network namespace: all sockets of it are gone.</summary>
    public bool IsFromAnotherBoot { get; private set; }

    /// <summary>Opens or creates the state of this boot and network namespace; one of another is begun anew, unless it is to survive that .</summary>
    /// <param name="path">The file; its folder is made, for the owner alone.</param>
    /// <param name="identity">This boot and network namespace, at most 48 bytes.</param>
    /// <param name="survivesReboot">Whether the file goes on in another boot.</param>
    public static StateFile Open(string path, ReadOnlySpan<byte> identity, bool survivesReboot = false)
    {
        const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const long Length = HeaderLength + ((long)Capacity * PlaceLength);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerFolder);
        Prepare(path, Length, survivesReboot ? AnyBoot : identity);
        var state = new StateFile(MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, Length, MemoryMappedFileAccess.ReadWrite));
        state._view.ReadArray(SaltOffset, state._salt, 0, SaltLength);
        byte[] boot = new byte[BootLength];
        identity.CopyTo(boot);
        byte[] before = new byte[BootLength];
        state._view.ReadArray(BootOffset, before, 0, BootLength);
        state.IsFromAnotherBoot = !boot.AsSpan().SequenceEqual(before);
        state._view.WriteArray(BootOffset, boot, 0, BootLength);
        return state;
    }

    /// <summary>Leaves a file that is ours as it is, and begins any other anew.</summary>
    private static void Prepare(string path, long length, ReadOnlySpan<byte> identity)
    {
        using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        byte[] header = new byte[HeaderLength];
        Magic.CopyTo(header);
        identity.CopyTo(header.AsSpan(Magic.Length));
        byte[] found = new byte[SaltOffset];
        if (stream.Length == length && stream.ReadAtLeast(found, SaltOffset, throwOnEndOfStream: false) == SaltOffset && header.AsSpan(0, SaltOffset).SequenceEqual(found))
        {
            return;
        }

        RandomNumberGenerator.Fill(header.AsSpan(SaltOffset, SaltLength));
        stream.SetLength(0);
        stream.SetLength(length);
        stream.Position = 0;
        stream.Write(header);
    }

    /// <summary>Reads what an earlier program left.</summary>
    /// <param name="findKeys">The keys of a connection, null when it has none any more.</param>
    /// <returns>Connections to continue, and those whose keys are gone or changed.</returns>
    public (List<SavedConnection> Good, List<SavedConnection> Held) Load(Func<SocketPair, KeyRing?> findKeys)
    {
        var good = new List<SavedConnection>();
        var held = new List<SavedConnection>();
        byte[] other = new byte[StateRecord.Length];
        _used = Math.Clamp(_view.ReadInt32(UsedOffset), 0, Capacity);
        for (int place = 0; place < _used; place++)
        {
            long at = OffsetOf(place);
            _view.ReadArray(at, _record, 0, StateRecord.Length);
            _view.ReadArray(at + StateRecord.Length, other, 0, StateRecord.Length);
            bool first = StateRecord.TryRead(_record, out ulong firstVersion, out SavedConnection saved);
            bool second = StateRecord.TryRead(other, out ulong secondVersion, out SavedConnection later);
            if (!first && !second)
            {
                _free.Push(place);
                continue;
            }

            byte[] record = second && (!first || secondVersion > firstVersion) ? other : _record;
            saved = ReferenceEquals(record, other) ? later : saved;
            _version = Math.Max(_version, Math.Max(first ? firstVersion : 0, second ? secondVersion : 0));
            _places[saved.Pair] = place;
            (HasSameKeys(saved, record, findKeys(saved.Pair)) ? good : held).Add(saved);
        }

        return (good, held);
    }

    /// <inheritdoc/>
    public void Keep(AoConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        lock (_gate)
        {
            int place = connection.StorePlace;
            if (place < 0 && !_places.Remove(connection.Pair, out place) && !TryTakePlace(out place))
            {
                Lost++;
                return;
            }

            connection.StorePlace = place;

            ReadOnlySpan<byte> current = connection.CurrentKey is { } currentKey ? FingerprintOf(currentKey) : [];
            ReadOnlySpan<byte> rnext = connection.RNextKey is { } rnextKey ? FingerprintOf(rnextKey) : [];
            long at = OffsetOf(place);
            long older = _view.ReadUInt64(at) <= _view.ReadUInt64(at + StateRecord.Length) ? at : at + StateRecord.Length;
            StateRecord.Write(_record, ++_version, connection.Save(), current, rnext);
            _view.WriteArray(older, _record, 0, StateRecord.Length);
        }
    }

    /// <inheritdoc/>
    public void Forget(AoConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        lock (_gate)
        {
            if (connection.StorePlace >= 0)
            {
                Free(connection.StorePlace);
                connection.StorePlace = -1;
                return;
            }
        }

        Discard(connection.Pair);
    }

    /// <summary>Forgets what was loaded and did not become a connection.</summary>
    public void Discard(in SocketPair pair)
    {
        lock (_gate)
        {
            if (_places.Remove(pair, out int place))
            {
                Free(place);
            }
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private void Free(int place)
    {
        Array.Clear(_record);
        _view.WriteArray(OffsetOf(place), _record, 0, StateRecord.Length);
        _view.WriteArray(OffsetOf(place) + StateRecord.Length, _record, 0, StateRecord.Length);
        _free.Push(place);
    }

    private static long OffsetOf(int place) => HeaderLength + ((long)place * PlaceLength);

    private bool TryTakePlace(out int place)
    {
        if (_free.TryPop(out place))
        {
            return true;
        }

        if (_used == Capacity)
        {
            return false;
        }

        // first, so that a later program looks at the place
        place = _used++;
        _view.Write(UsedOffset, _used);
        return true;
    }

    private bool HasSameKeys(in SavedConnection saved, ReadOnlySpan<byte> record, KeyRing? keys) =>
        keys is not null
        && (saved.CurrentSendId is not { } sendId
            || (keys.FindBySendId(sendId) is { } current && FingerprintOf(current).AsSpan().SequenceEqual(StateRecord.CurrentFingerprint(record))))
        && (saved.RNextRecvId is not { } recvId
            || (keys.FindByRecvId(recvId) is { } rnext && FingerprintOf(rnext).AsSpan().SequenceEqual(StateRecord.RNextFingerprint(record))));

    private byte[] FingerprintOf(AoKey key)
    {
        if (!_fingerprints.TryGetValue(key, out byte[]? fingerprint))
        {
            fingerprint = new byte[StateRecord.FingerprintLength];
            key.WriteFingerprint(_salt, fingerprint);
            _fingerprints.Add(key, fingerprint);
        }

        return fingerprint;
    }
}
