using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// A call that a thread of a supervised program waits in. Numbers and pointers were taken when it entered the kernel and stay as they are; what the pointers
/// lead to belongs to the program, whose other threads may change it at any time: read a value once, and decide on what was read.
/// </summary>
public sealed unsafe class SocketCall
{
    private const int CAP_NET_ADMIN = 12;
    private const int MultiplexedArguments = 6;
    private const int LongestAhead = 512;

    // the numbers of threads come round after all of them, and each costs the making of a thread
    private static readonly TimeSpan s_longestUnseen = TimeSpan.FromMilliseconds(1);

    private readonly SeccompListener _listener;
    private readonly TargetThread _thread;
    private readonly IReadOnlyList<SystemCallTable> _tables;
    private readonly HashSet<int> _options;
    private readonly TargetSocket _socket = new();
    private readonly byte[] _ahead = new byte[LongestAhead];
    private int _aheadLength = -1;
    private long _seen;
    private ulong _id;
    private ulong _value;
    private ulong _lengthAddress;
    private bool _isOpen;
    private bool _hasSocket;

    internal SocketCall(SeccompListener listener, TargetThread thread, IReadOnlyList<SystemCallTable> tables, IEnumerable<int> options)
    {
        _listener = listener;
        _thread = thread;
        _tables = tables;
        _options = [.. options];
    }

    /// <summary>Which call.</summary>
    public SocketCallKind Kind { get; private set; }

    /// <summary>The thread that waits, as this process' pid namespace numbers it.</summary>
    public int ThreadId { get; private set; }

    /// <summary>Whether the program has 32-bit pointers (i386, x32, 32-bit ARM), and with them its own layout of structures.</summary>
    public bool Is32Bit { get; private set; }

    /// <summary>Whether the program is an i386 one, in whose structures a 64-bit integer needs no alignment beyond four bytes.</summary>
    public bool IsI386 { get; private set; }

    /// <summary>The descriptor, by its number in the program; of a file that is opened, the folder that its path begins in.</summary>
    public int Descriptor { get; private set; }

    /// <summary>The option's name; of a file that is opened the flags, as open(2) numbers them; 0 for the others.</summary>
    public int Option { get; private set; }

    /// <summary>Length of the value as the program gives it, in bytes: of the address for connect. Never negative for setsockopt; any number otherwise.</summary>
    public int Length { get; private set; }

    /// <summary>The socket, of setsockopt and getsockopt; of the others after <see cref="TryOpenSocket"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not open.</exception>
    public TargetSocket Socket => _hasSocket ? _socket : throw new InvalidOperationException("The socket of this call is not open.");

    /// <summary>Whether the thread has CAP_NET_ADMIN in its own user namespace.</summary>
    public bool MayAdministrateNetwork()
    {
        ThrowUnlessOpen();
        return TargetThread.ReadCapabilities(ThreadId) is { } set && ((set >> CAP_NET_ADMIN) & 1) != 0;
    }

    /// <summary>Opens the socket of a call other than setsockopt and getsockopt of an option; most need not.</summary>
    /// <returns>False where the descriptor is no socket, or the thread is gone or out of reach; the kernel's own answer (<see cref="SocketAnswer.Continue"/>) is right then.</returns>
    public bool TryOpenSocket()
    {
        ThrowUnlessOpen();
        if (!_hasSocket)
        {
            int taken = _thread.Take(ThreadId, Descriptor, out bool isCertain);
            if (taken < 0)
            {
                return false;
            }

            if (!isCertain && !IsStillThere(TimeSpan.Zero))
            {
                _ = Libc.Close(taken);
                return false;
            }

            _hasSocket = _socket.TryOpen(taken);
        }

        return _hasSocket;
    }

    /// <summary>Reads the value, or the address of connect, from the program's memory.</summary>
    /// <param name="offset">Where in the value to begin, in bytes.</param>
    /// <param name="destination">Filled to its end. Nothing keeps it within <see cref="Length"/>.</param>
    /// <returns>0; EFAULT (14) where that cannot be read; ESRCH (3) when the thread is gone and no answer will reach it.</returns>
    public int ReadValue(int offset, Span<byte> destination)
    {
        ThrowUnlessOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return Read(_value + (ulong)offset, destination);
    }

    /// <summary>Reads as much of the value as can be read, or of the path of a file that is opened.</summary>
    /// <param name="destination">Filled from its start.</param>
    /// <param name="count">Bytes read.</param>
    /// <returns>0, also where nothing could be read; ESRCH (3) when the thread is gone and no answer will reach it.</returns>
    public int ReadPart(Span<byte> destination, out int count)
    {
        ThrowUnlessOpen();
        if (_aheadLength < 0 || (_aheadLength == LongestAhead && destination.Length > LongestAhead))
        {
            return ReadPart(_value, destination, out count);
        }

        count = Math.Min(_aheadLength, destination.Length);
        _ahead.AsSpan(0, count).CopyTo(destination);
        return 0;
    }

    /// <summary>Writes the value that getsockopt hands out.</summary>
    /// <param name="offset">Where in the value to begin, in bytes.</param>
    /// <param name="bytes">What to write. Nothing keeps it within <see cref="Length"/>.</param>
    /// <returns>As <see cref="ReadValue"/>; after EFAULT a part may be written, as the kernel would have.</returns>
    public int WriteValue(int offset, ReadOnlySpan<byte> bytes)
    {
        ThrowUnlessOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return Write(_value + (ulong)offset, bytes);
    }

    /// <summary>Writes the length that getsockopt hands out.</summary>
    /// <param name="length">The length, in bytes.</param>
    /// <returns>As <see cref="ReadValue"/>.</returns>
    public int WriteLength(int length)
    {
        ThrowUnlessOpen();
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return Kind == SocketCallKind.GetOption ? Write(_lengthAddress, bytes) : throw new InvalidOperationException("Only getsockopt hands out a length.");
    }

    /// <summary>Begins with the next call.</summary>
    /// <returns>Null when the handler is to answer, or the answer that no handler is needed for.</returns>
    internal SocketAnswer? Begin(SeccompNotification* notification)
    {
        _id = notification->Id;
        _seen = 0;
        ThreadId = (int)notification->ThreadId;
        _isOpen = true;

        // a thread of a pid namespace that is not below this process'
        if (ThreadId == 0 || !TryReadArguments(notification))
        {
            return SocketAnswer.Continue;
        }

        if (Kind is not (SocketCallKind.SetOption or SocketCallKind.GetOption))
        {
            return null;
        }

        // the kernel looks for the socket before anything else, and has no such option for others
        if ((Kind == SocketCallKind.SetOption && Length < 0) || !TryOpenSocket() || !_socket.IsTcp)
        {
            return SocketAnswer.Continue;
        }

        if (Kind == SocketCallKind.GetOption)
        {
            int error = ReadAhead();
            if (error != 0)
            {
                return SocketAnswer.Fail(error);
            }
        }

        return null;
    }

    /// <summary>Ends the handler's part. The copy of the socket must be closed before the program goes on: it may close its own and bind again.</summary>
    internal void End()
    {
        _isOpen = false;
        _hasSocket = false;
        _socket.Close();

        // what getsockopt gave before may be there still, and that may be a key
        CryptographicOperations.ZeroMemory(_ahead.AsSpan(0, Math.Max(_aheadLength, 0)));
        _aheadLength = -1;
    }

    private bool TryReadArguments(SeccompNotification* notification)
    {
        for (int i = 0; i < _tables.Count; i++)
        {
            SystemCallTable table = _tables[i];
            uint number = (uint)notification->Number;
            if (table.Architecture != notification->Architecture)
            {
                continue;
            }

            Is32Bit = table.Is32Bit;
            IsI386 = ReferenceEquals(table, SystemCallTable.X86);
            if (number == table.Multiplexer)
            {
                return TryReadMultiplexed((uint)notification->Arguments[0], (uint)notification->Arguments[1]);
            }

            ulong mask = table.Is32Bit ? uint.MaxValue : ulong.MaxValue;
            ulong* given = notification->Arguments;
            SocketCallKind? kind = number == table.SetOption ? SocketCallKind.SetOption
                : number == table.GetOption ? SocketCallKind.GetOption
                : number == table.Connect ? SocketCallKind.Connect
                : number == table.Listen ? SocketCallKind.Listen
                : null;
            if (kind is { } known)
            {
                return TrySet(known, given[0], given[1] & mask, given[2], given[3] & mask, given[4] & mask);
            }

            if (number == table.SendTo)
            {
                return TrySend(given[0], given[3], given[4] & mask, given[5]);
            }

            if (number == table.SendMessage || number == table.SendMessages)
            {
                return TrySendMessage(given[0], given[1] & mask, number == table.SendMessage ? given[2] : given[3]);
            }

            if (number == table.Open)
            {
                const ulong InWorkingFolder = unchecked((ulong)-100);
                SetFile(InWorkingFolder, given[0] & mask, given[1]);
                return true;
            }

            if (number == table.OpenAt)
            {
                SetFile(given[0], given[1] & mask, given[2]);
                return true;
            }

            if (number == SystemCallTable.OpenAt2)
            {
                // struct open_how begins with the flags
                Span<byte> flags = stackalloc byte[sizeof(ulong)];
                SetFile(given[0], given[1] & mask, 0);
                if (Read(given[2] & mask, flags) != 0)
                {
                    return false;
                }

                Option = BinaryPrimitives.ReadInt32LittleEndian(flags);
                return true;
            }
        }

        return false;
    }

    /// <summary>socketcall(2): the filter knows which call it is, and no more.</summary>
    private bool TryReadMultiplexed(uint call, uint address)
    {
        SocketCallKind? kind = call switch
        {
            SystemCallTable.SYS_CONNECT => SocketCallKind.Connect,
            SystemCallTable.SYS_LISTEN => SocketCallKind.Listen,
            SystemCallTable.SYS_SENDTO or SystemCallTable.SYS_SENDMSG or SystemCallTable.SYS_SENDMMSG => SocketCallKind.Connect,
            SystemCallTable.SYS_SETSOCKOPT => SocketCallKind.SetOption,
            SystemCallTable.SYS_GETSOCKOPT => SocketCallKind.GetOption,
            _ => null,
        };
        Span<uint> given = stackalloc uint[MultiplexedArguments];
        int count = call switch
        {
            SystemCallTable.SYS_LISTEN => 2,
            SystemCallTable.SYS_CONNECT or SystemCallTable.SYS_SENDMSG => 3,
            SystemCallTable.SYS_SENDMMSG => 4,
            SystemCallTable.SYS_SENDTO => 6,
            _ => 5,
        };
        if (kind is not { } known || Read(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(given[..count])) != 0)
        {
            return false;
        }

        return call switch
        {
            SystemCallTable.SYS_SENDTO => TrySend(given[0], given[3], given[4], given[5]),
            SystemCallTable.SYS_SENDMSG => TrySendMessage(given[0], given[1], given[2]),
            SystemCallTable.SYS_SENDMMSG => TrySendMessage(given[0], given[1], given[3]),
            _ => TrySet(known, given[0], given[1], given[2], given[3], given[4]),
        };
    }

    /// <summary>A segment is sent where there is no connection yet: it is connect(2) as well (RFC 7413).</summary>
    private bool TrySend(ulong descriptor, ulong flags, ulong address, ulong length) =>
        ((uint)flags & Libc.MSG_FASTOPEN) != 0 && TrySet(SocketCallKind.Connect, descriptor, address, length, 0, 0);

    /// <summary>struct msghdr, and struct mmsghdr, begin with the address and its length.</summary>
    private bool TrySendMessage(ulong descriptor, ulong message, ulong flags)
    {
        Span<byte> header = stackalloc byte[Is32Bit ? 8 : 12];
        if (((uint)flags & Libc.MSG_FASTOPEN) == 0 || Read(message, header) != 0)
        {
            return false;
        }

        ulong address = Is32Bit ? BinaryPrimitives.ReadUInt32LittleEndian(header) : BinaryPrimitives.ReadUInt64LittleEndian(header);
        return TrySend(descriptor, flags, address, BinaryPrimitives.ReadUInt32LittleEndian(header[^sizeof(uint)..]));
    }

    /// <returns>False where it is a call that nobody asked for: the filter does not see what is in memory, nor which way an option goes.</returns>
    private bool TrySet(SocketCallKind kind, ulong first, ulong second, ulong third, ulong fourth, ulong fifth)
    {
        bool isOption = kind is SocketCallKind.SetOption or SocketCallKind.GetOption;
        bool isError = kind == SocketCallKind.GetOption && (uint)second == Libc.SOL_SOCKET && (uint)third == Libc.SO_ERROR;
        if (isOption && !isError && ((uint)second != Libc.SOL_TCP || !_options.Contains((int)third)))
        {
            return false;
        }

        Kind = isError ? SocketCallKind.ReadError : kind;
        Descriptor = (int)first;
        Option = isOption ? (int)third : 0;
        _value = isOption ? fourth : second;
        Length = isOption ? (int)fifth : (int)third;
        _lengthAddress = fifth;
        return true;
    }

    private void SetFile(ulong folder, ulong path, ulong flags)
    {
        Kind = SocketCallKind.OpenFile;
        Descriptor = (int)folder;
        Option = (int)flags;
        _value = path;
        Length = 0;
        _lengthAddress = 0;
    }

    private int Read(ulong address, Span<byte> destination)
    {
        int error = ReadPart(address, destination, out int count);
        return error != 0 ? error : count == destination.Length ? 0 : Errno.EFAULT;
    }

    private int ReadPart(ulong address, Span<byte> destination, out int count)
    {
        count = TargetMemory.Read(ThreadId, address, destination);

        // after the copy: then it was this thread's memory
        return IsStillThere(TimeSpan.Zero) ? 0 : Errno.ESRCH;
    }

    /// <summary>Reads the length of getsockopt's value, and with it the first of the value.</summary>
    private int ReadAhead()
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        int count = TargetMemory.Read(ThreadId, _lengthAddress, length, _value, _ahead);
        if (!IsStillThere(TimeSpan.Zero))
        {
            return Errno.ESRCH;
        }

        if (count < length.Length)
        {
            return Errno.EFAULT;
        }

        Length = BinaryPrimitives.ReadInt32LittleEndian(length);
        _aheadLength = count - length.Length;
        return 0;
    }

    private int Write(ulong address, ReadOnlySpan<byte> source)
    {
        // before the copy: a thread that waits in a call can only go by being killed, and its number comes round much later
        if (!IsStillThere(s_longestUnseen))
        {
            return Errno.ESRCH;
        }

        fixed (byte* bytes = source)
        {
            nint count = source.IsEmpty ? 0 : Libc.WriteMemory(ThreadId, address, bytes, (nuint)source.Length);
            return count == source.Length ? 0 : Errno.EFAULT;
        }
    }

    /// <summary>Whether the thread waits in the call, or did so within a time before now.</summary>
    private bool IsStillThere(TimeSpan within)
    {
        if (within > TimeSpan.Zero && _seen != 0 && Stopwatch.GetElapsedTime(_seen) < within)
        {
            return true;
        }

        bool isThere = _listener.IsValid(_id);
        _seen = isThere ? Stopwatch.GetTimestamp() : 0;
        return isThere;
    }

    private void ThrowUnlessOpen()
    {
        if (!_isOpen)
        {
            throw new InvalidOperationException("The call is answered; the program is past it.");
        }
    }
}
