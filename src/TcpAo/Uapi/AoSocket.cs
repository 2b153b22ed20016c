// linux-uapi 4: what a kernel's TCP socket answers to the options of TCP-AO and TCP MD5. One file for each option.

using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>
/// The TCP-AO and TCP MD5 state of one TCP socket, as Linux would keep it: an option, its bytes and what the kernel knows of the socket go in; errno, bytes to
/// copy out and changed keys come out. As an <see cref="IKeySource"/> it is what the engine asks for the socket's connections.
/// </summary>
/// <remarks>
/// <para>
/// <b>Calls.</b> <see cref="SetOption"/> and <see cref="GetOption"/> for the system calls; <see cref="CheckConnect"/> before <c>connect()</c> and
/// <see cref="Connect"/> once a SYN goes out; <see cref="Establish"/> on a listener when one of its connections is established, and <see cref="Accept"/> on what that
/// gave when the program gets it. None of them throws on what a program passes, and one that fails changes nothing but what it changes on Linux.
/// </para>
/// <para>
/// <b>The engine.</b> A connection that the engine has is given with <see cref="SocketFacts.Connection"/>: current_key, rnext_key, ISNs, SNEs and counters are then the
/// connection's, read and set there, so that the two cannot disagree.
/// </para>
/// <para><b>Threads.</b> One at a time, together with the engine that has the connection. A socket needs no disposal; it must outlive its last segment.</para>
/// </remarks>
/// <param name="space">What the sockets of its network namespace share.</param>
public sealed partial class AoSocket(SocketNamespace space) : IKeySource
{
    /// <summary>Bytes of an option's value that are worth reading: more of them than this must be zero anyway.</summary>
    public const int LongestValue = 4096;

    // struct tcp_ao_key of Linux 7.2, in what it charges to the socket's memory for options
    private const int KeyCharge = 200;

    private readonly SocketNamespace _space = space ?? throw new ArgumentNullException(nameof(space));
    private readonly SocketKeyList _keys = new();
    private readonly SocketCounters _counters = new();
    private SocketKey? _current;
    private SocketKey? _rnext;
    private AoConnection? _connection;

    /// <summary>Whether the socket has TCP-AO: after the first key or TCP_AO_INFO, also when all keys are gone again.</summary>
    public bool HasAo { get; private set; }

    /// <summary>Whether unsigned segments of any peer are refused.</summary>
    public bool AoRequired { get; private set; }

    /// <summary>Whether ICMP hard errors reach its connection .</summary>
    public bool AcceptIcmps { get; private set; }

    /// <summary>How many TCP-AO keys it has.</summary>
    public int KeyCount => _keys.Count;

    /// <summary>Its counters: the connection's, where the engine has one.</summary>
    public AoCounters Counters => _connection?.Counters ?? _counters.Total;

    /// <summary><c>setsockopt()</c> at level IPPROTO_TCP.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">
    /// The bytes at <c>optval</c> that can be read, of those that <paramref name="length"/> counts; at most <see cref="LongestValue"/> are needed. Empty for a null pointer.
    /// </param>
    /// <param name="length"><c>optlen</c>.</param>
    /// <param name="facts">What the kernel knows of the socket.</param>
    public UapiAnswer SetOption(TcpSocketOption option, ReadOnlySpan<byte> value, int length, in SocketFacts facts)
    {
        // what Linux asks of every option with a number
        if (length < sizeof(int))
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        if (value.Length < sizeof(int))
        {
            return Fail(LinuxErrno.BadAddress);
        }

        // what lies behind a page is not looked at: nobody has a structure as long as that
        if (length > LongestValue && value.Length >= LongestValue)
        {
            return Fail(LinuxErrno.ArgumentTooBig);
        }

        Follow(facts);
        switch (option)
        {
            case TcpSocketOption.Md5Sig or TcpSocketOption.Md5SigExt:
                return SetMd5(option, value, length, facts);
            case TcpSocketOption.AoRepair:
                return SetRepair(value, length, facts);
            case TcpSocketOption.AoAddKey or TcpSocketOption.AoDelKey or TcpSocketOption.AoInfo:
                // a connection that began without TCP-AO stays so
                if (!facts.IsUnconnected && !HasAo && !facts.InRepair)
                {
                    return Fail(LinuxErrno.IsConnected);
                }

                return option == TcpSocketOption.AoInfo ? SetInfo(value, length, facts) : ChangeKey(option, value, length, facts);
            default:
                return Fail(LinuxErrno.NoSuchOption);
        }
    }

    /// <summary><c>getsockopt()</c> at level IPPROTO_TCP.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">As for <see cref="SetOption"/>: Linux reads the value of these options before it writes.</param>
    /// <param name="length">What <c>optlen</c> points to; null where that cannot be read.</param>
    /// <param name="facts">What the kernel knows of the socket.</param>
    public UapiAnswer GetOption(TcpSocketOption option, ReadOnlySpan<byte> value, int? length, in SocketFacts facts)
    {
        if (length is not { } bytes)
        {
            return Fail(LinuxErrno.BadAddress);
        }

        if (bytes < 0)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        if (bytes > LongestValue && value.Length >= LongestValue)
        {
            return Fail(LinuxErrno.ArgumentTooBig);
        }

        Follow(facts);
        return option switch
        {
            TcpSocketOption.AoGetKeys => HasAo ? GetKeys(value, bytes) : Fail(LinuxErrno.NoEntry),
            TcpSocketOption.AoInfo => GetInfo(value, bytes),
            TcpSocketOption.AoRepair => GetRepair(bytes, facts),
            _ => Fail(LinuxErrno.NoSuchOption),
        };
    }

    private UapiAnswer ChangeKey(TcpSocketOption option, ReadOnlySpan<byte> value, int length, in SocketFacts facts)
    {
        LinuxErrno errno = TakeExtension(ref value, ref length, out KeyPorts? ports);
        return errno != LinuxErrno.None ? Fail(errno)
            : option == TcpSocketOption.AoAddKey ? AddKey(value, length, ports ?? default, facts)
            : DelKey(value, length, ports ?? default, facts);
    }

    private LinuxErrno TakeExtension(ref ReadOnlySpan<byte> value, ref int length, out KeyPorts? ports)
    {
        ports = null;
        return _space.AllowExtensions ? TcpAoExtension.Take(ref value, ref length, out ports) : LinuxErrno.None;
    }

    private static UapiAnswer Fail(LinuxErrno errno) => new(errno);

    private static UapiAnswer Write(ReadOnlySpan<byte> structure, int length) => new(LinuxErrno.None)
    {
        Writes = [new UapiWrite(0, structure[..Math.Min(length, structure.Length)].ToArray())],
    };

    /// <summary>Takes over what the engine's connection did since the last call: the peer may have turned to another key.</summary>
    private void Follow(in SocketFacts facts)
    {
        if (facts.Connection is { } connection && !ReferenceEquals(connection, _connection))
        {
            Attach(connection);
        }

        if (facts.State == TcpState.Listen)
        {
            // bind() forgets it for IPv4 alone
            _lastPeer = facts.Family == SocketFamily.Inet ? default : _lastPeer;
            if (_isActive)
            {
                _isActive = false;
                _policies.Clear();
            }
        }

        if (_connection is null)
        {
            return;
        }

        _current = _keys.Find(_connection.CurrentKey) ?? _current;
        _rnext = _keys.Find(_connection.RNextKey) ?? _rnext;
        if (facts.IsUnconnected && facts.Connection is null)
        {
            Detach();
        }
    }

    /// <summary>A connection of this socket began: what was set and counted before goes on with it.</summary>
    private void Attach(AoConnection connection)
    {
        AoCounters before = Counters;
        connection.Counters.Add(before);
        before.Reset();
        _connection = connection;
    }

    /// <summary>The connection is over and the socket closed again: it keeps what was counted.</summary>
    private void Detach()
    {
        _counters.Total.Add(_connection!.Counters);
        foreach (SocketKey key in _keys.All)
        {
            if (_connection.GetKeyCounters(key.Key) is { } counters)
            {
                _counters.GetKey(key.Key).Add(counters);
            }
        }

        _connection = null;
        _isActive = false;
        _policies.Clear();
    }

    /// <summary>Has the connection see keys that changed, and choose what is chosen here.</summary>
    private void Lead(in SocketFacts facts)
    {
        _policies.Clear();
        if (_connection is not null && HasAo)
        {
            LeadConnection(facts.Time);
        }
    }

    private void LeadConnection(EngineTime time)
    {
        if (Find(_connection!.Pair) is { IsMd5: false } policy)
        {
            _connection.UsePolicy(policy, time.Utc);
        }

        if (_current is not null && !ReferenceEquals(_connection.CurrentKey, _current.Key))
        {
            _connection.SetCurrentKey(_current.Key.SendId);
        }

        if (_rnext is not null && !ReferenceEquals(_connection.RNextKey, _rnext.Key))
        {
            _connection.SetRNextKey(_rnext.Key.RecvId);
        }
    }
}
