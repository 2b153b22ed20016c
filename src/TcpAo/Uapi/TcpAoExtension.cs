using System.Buffers.Binary;
using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>
/// What Linux' structures have no field for: ports of a key, and the ids of the last segment that verified. A block of <see cref="Size"/> bytes, <see cref="Offset"/> bytes behind
/// the start of an option's value. A view: it reads and writes the caller's bytes.
/// </summary>
/// <remarks>
/// <para>
/// <b>A kernel cannot mistake it.</b> Linux takes a structure that is longer than its own only where the rest is zero, and answers E2BIG otherwise, for set and get alike. The block is never zero and begins far
/// behind the structures, so that one that grows does not reach it: what lies between must be zero, which is what a longer structure means by "not said".
/// </para>
/// <para>
/// <b>Where.</b> TCP_AO_ADD_KEY and TCP_AO_DEL_KEY: the ports of the key. TCP_AO_GET_KEYS: each record is <see cref="TotalLength"/> bytes, and the filter's block asks for the others'.
/// TCP_AO_INFO, get: it asks for the ids. Elsewhere it is E2BIG, as everywhere without <see cref="SocketNamespace.AllowExtensions"/>.
/// </para>
/// </remarks>
public readonly ref struct TcpAoExtension
{
    /// <summary>Bytes between the start of the value and the block.</summary>
    public const int Offset = 512;

    /// <summary>Bytes of the block.</summary>
    public const int Size = 32;

    /// <summary>Bytes of a value with a block.</summary>
    public const int TotalLength = Offset + Size;

    // "TAOX"
    private const uint Magic = 0x584F_4154;

    private const int MagicAt = 0;
    private const int SizeAt = 4;
    private const int BitsAt = 6;
    private const int LocalPortsAt = 8;
    private const int RemotePortsAt = 14;
    private const int LastKeyIdAt = 20;
    private const int LastRNextKeyIdAt = 21;
    private const int ReservedAt = 22;
    private const int UsedBits = 1;

    private readonly Span<byte> _bytes;

    private TcpAoExtension(Span<byte> block) => _bytes = block;

    /// <summary>The ports of our end that the key is for.</summary>
    public PortMatch LocalPorts
    {
        get => ReadPorts(LocalPortsAt, out PortMatch ports) ? ports : default;
        set => WritePorts(LocalPortsAt, value);
    }

    /// <summary>The ports of the peer that the key is for.</summary>
    public PortMatch RemotePorts
    {
        get => ReadPorts(RemotePortsAt, out PortMatch ports) ? ports : default;
        set => WritePorts(RemotePortsAt, value);
    }

    /// <summary>Got: a segment has verified, so that the two ids are there.</summary>
    public bool HasLastIds
    {
        get => UapiBits.Get16(_bytes[BitsAt..], 0);
        set => UapiBits.Set16(_bytes[BitsAt..], 0, value);
    }

    /// <summary>KeyID of the last segment that verified .</summary>
    public byte LastKeyId
    {
        get => _bytes[LastKeyIdAt];
        set => _bytes[LastKeyIdAt] = value;
    }

    /// <summary>RNextKeyID of the last segment that verified .</summary>
    public byte LastRNextKeyId
    {
        get => _bytes[LastRNextKeyIdAt];
        set => _bytes[LastRNextKeyIdAt] = value;
    }

    /// <summary>Whether there is a block: the default value is none.</summary>
    public bool IsPresent => !_bytes.IsEmpty;

    /// <summary>Whether something is set that has no meaning yet, or a range of ports is none.</summary>
    internal bool HasReserved =>
        BinaryPrimitives.ReadUInt16LittleEndian(_bytes[SizeAt..]) != Size
        || UapiBits.Reserved16(_bytes[BitsAt..], UsedBits)
        || _bytes[ReservedAt..Size].ContainsAnyExcept((byte)0)
        || !ReadPorts(LocalPortsAt, out _)
        || !ReadPorts(RemotePortsAt, out _);

    /// <summary>Makes an empty block: every port, no ids.</summary>
    /// <param name="value">The option's value, at least <see cref="TotalLength"/> bytes; only the block is written.</param>
    /// <exception cref="ArgumentException">Fewer bytes.</exception>
    public static TcpAoExtension Create(Span<byte> value)
    {
        if (value.Length < TotalLength)
        {
            throw new ArgumentException($"A value with an extension has {TotalLength} bytes.", nameof(value));
        }

        return CreateBlock(value.Slice(Offset, Size));
    }

    /// <summary>The block of a value.</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="extension">The block, after true.</param>
    /// <returns>False where there is none: too few bytes, or they do not begin as one.</returns>
    public static bool TryGet(Span<byte> value, out TcpAoExtension extension)
    {
        extension = default;
        if (!IsIn(value))
        {
            return false;
        }

        extension = new TcpAoExtension(value.Slice(Offset, Size));
        return true;
    }

    /// <summary>Makes an empty block of these bytes alone.</summary>
    internal static TcpAoExtension CreateBlock(Span<byte> block)
    {
        block.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(block[MagicAt..], Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(block[SizeAt..], Size);
        return new TcpAoExtension(block) { LocalPorts = default, RemotePorts = default };
    }

    /// <summary>
    /// Takes the block off a value that has one, so that the rest is what Linux knows.
    /// </summary>
    /// <param name="value">The bytes that can be read; without the block afterwards.</param>
    /// <param name="length">How many the caller says there are; without the block afterwards.</param>
    /// <param name="ports">The ports of the block; null where there is none.</param>
    /// <returns>E2BIG where more than zeros lies behind it, EINVAL where it is wrong.</returns>
    internal static LinuxErrno Take(ref ReadOnlySpan<byte> value, ref int length, out KeyPorts? ports)
    {
        ports = null;
        if (length < TotalLength || !IsIn(value))
        {
            return LinuxErrno.None;
        }

        if (value[TotalLength..Math.Min(value.Length, length)].ContainsAnyExcept((byte)0))
        {
            return LinuxErrno.ArgumentTooBig;
        }

        if (value.Length < length)
        {
            return LinuxErrno.BadAddress;
        }

        Span<byte> block = stackalloc byte[Size];
        value.Slice(Offset, Size).CopyTo(block);
        var extension = new TcpAoExtension(block);
        ports = new KeyPorts(extension.LocalPorts, extension.RemotePorts);
        value = value[..Offset];
        length = Offset;
        return extension.HasReserved ? LinuxErrno.InvalidArgument : LinuxErrno.None;
    }

    private static bool IsIn(ReadOnlySpan<byte> value) =>
        value.Length >= TotalLength && BinaryPrimitives.ReadUInt32LittleEndian(value[(Offset + MagicAt)..]) == Magic;

    private void WritePorts(int at, PortMatch ports)
    {
        (ushort low, ushort high, ushort mask) = ports.Parts;
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes[at..], low);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes[(at + 2)..], high);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes[(at + 4)..], mask);
    }

    private bool ReadPorts(int at, out PortMatch ports) => PortMatch.TryOfParts(
        BinaryPrimitives.ReadUInt16LittleEndian(_bytes[at..]),
        BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(at + 2)..]),
        BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(at + 4)..]),
        out ports);
}
